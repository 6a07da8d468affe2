import Kubernetes
import Testing

@Suite struct JSONReaderTests {
  @Test func `every kind of value is read`() throws {
    let text = #" { "a": [1, -2.5, 1e3, true, false, null, "x"], "b": {"c": ""} , "d": [ ] } "#
    #expect(
      try JSONReader.decode(text) == [
        "a": [1, -2.5, 1000.0, true, false, nil, "x"], "b": ["c": ""], "d": [],
      ])
  }

  @Test(arguments: [
    (#""a\"b\\c\/d\b\f\n\r\t""#, "a\"b\\c/d\u{8}\u{C}\n\r\t"), (#""\u00e9\u20AC""#, "é€"),
    (#""\ud83d\ude00!""#, "😀!"), (#""\ud83dx""#, "\u{FFFD}x"), (#""日本""#, "日本"),
  ])
  func `strings are unescaped`(text: String, string: String) throws {
    #expect(try JSONReader.decode(text) == .string(string))
  }

  @Test(arguments: [
    "9223372036854775807", "-9223372036854775808", "0", "-1", "0.5", "[]", "{}",
    #"{"a":[{"b":null}]}"#,
  ])
  func `what is read is written back`(text: String) throws {
    #expect(JSONText.encode(try JSONReader.decode(text)) == text)
  }

  @Test func `whole numbers too large for an integer are doubles`() throws {
    #expect(try JSONReader.decode("9223372036854775808") == .number(9_223_372_036_854_775_808))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\" 1}", "01", "-", "1.", "nul", "\"a", "\"\\x\"", "\"\\u12\"", "[1] 2",
    "{'a': 1}", "\"\n\"", "1e999", "+1", "--1",
  ])
  func `what isn't JSON is refused`(text: String) {
    #expect(throws: JSONError.self) { try JSONReader.decode(text) }
  }

  @Test func `nesting without end is refused`() {
    #expect(throws: JSONError.self) {
      try JSONReader.decode(String(repeating: "[", count: 100_000))
    }
  }

  @Test func `an error says where and what`() {
    let error = #expect(throws: JSONError.self) { try JSONReader.decode(#"{"a": ?}"#) }
    #expect(error?.description == #"JSON, byte 6: "?" was found; a value is needed"#)
  }
}
