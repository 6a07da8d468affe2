import StressTest
import Testing

@Suite struct JSONScannerTests {
  private func isJSON(_ bytes: [UInt8]) -> Bool {
    var scanner = JSONScanner(bytes)
    return scanner.skip() && scanner.isAtEnd()
  }

  // From N. Seriot's collection, "Parsing JSON is a Minefield" (2016): what must be taken.
  @Test(arguments: [
    "[]", "{}", "null", " true ", "\"\"", "0", "-0", "-0.1e+2", "1E22", "[1,2 , 3]",
    "{\"a\":{\"a\":[]}}",
    "[\"\\u0060\\u012a\\uD801\\udc37\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"é😀\u{7F}\"]",
    "{\"a\":1,\"a\":2}", "{\"\":0}", "[ \t\r\n]",
  ])
  func `JSON is taken`(text: String) { #expect(isJSON(Array(text.utf8))) }

  @Test(arguments: [
    "", " ", "[", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{1:1}",
    "{\"a\":1,}", "[1]]",
    "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "-Infinity", "nul", "truefalse", "True",
    "\"", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\", "\"a\nb\"", "\"\t\"", "'a'",
    "[\u{FEFF}]",
    "\u{FEFF}[]", "/**/[]", "[1]//", "\u{A0}[]",
  ])
  func `what is no JSON is refused`(text: String) { #expect(!isJSON(Array(text.utf8))) }

  @Test(arguments: [
    [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF],
  ])
  func `texts are UTF-8`(bytes: [UInt8]) { #expect(!isJSON(bytes)) }

  @Test func `depth is bounded`() {
    let depth = JSONScanner.depthMax
    let nested = { (count: Int) in
      Array(repeating: UInt8(ascii: "["), count: count)
        + Array(repeating: UInt8(ascii: "]"), count: count)
    }
    #expect(isJSON(nested(depth)))
    #expect(!isJSON(nested(depth + 1)))
    #expect(!isJSON(Array(repeating: UInt8(ascii: "["), count: 1_000_000)))
  }

  @Test func `texts and numbers are read as they were meant`() {
    var texts = JSONScanner(Array(#"["a\n\u00e9\ud83d\ude00\/", "\ud800x", "plain ü"]"#.utf8))
    var found: [String] = []
    #expect(texts.array { $0.text().map { found.append($0) } != nil })
    #expect(found == ["a\né😀/", "\u{FFFD}x", "plain ü"])
    var numbers = JSONScanner(Array("[[1, -2.50], [[3e5]], true]".utf8))
    var written: [String] = []
    #expect(
      numbers.leaves { leaf in
        if let truth = leaf.truth() {
          written.append("\(truth)")
          return true
        }
        return leaf.number().map { written.append($0) } != nil
      })
    #expect(written == ["1", "-2.50", "3e5", "true"])
  }
}
