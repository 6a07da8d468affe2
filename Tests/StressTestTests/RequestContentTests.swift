import Foundation
import StressTest
import Testing

@Suite struct RequestContentTests {
  private func text(_ template: String, _ number: Int, seed: UInt64 = 3) throws -> String {
    let content = RequestContent.template(try BodyTemplate(template))
    return String(decoding: content.body(of: number, seed: seed), as: UTF8.self)
  }

  @Test func `each field varies within its bounds, and is the same for the same seed`() throws {
    let template =
      #"{"n":{{number}},"i":{{integer -2 2}},"d":{{decimal 0.5 1}},"c":"{{choice a|b c}}","l":"{{letters 8}}"}"#
    var seen: Set<String> = []
    for number in 0..<200 {
      let body = try text(template, number)
      #expect(try text(template, number) == body)
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
      #expect(object["n"] as? Int == number)
      #expect((-2...2).contains(try #require(object["i"] as? Int)))
      #expect((0.5..<1.000001).contains(try #require(object["d"] as? Double)))
      #expect(["a", "b c"].contains(try #require(object["c"] as? String)))
      #expect((object["l"] as? String)?.count == 8)
      seen.insert(body)
    }
    #expect(seen.count == 200)
    #expect(try text(template, 7, seed: 4) != text(template, 7))
  }

  @Test func `text without fields stays as it is`() throws {
    #expect(try text(#"{"a":{"b":1}}"#, 0) == #"{"a":{"b":1}}"#)
    #expect(try text("", 0).isEmpty)
  }

  @Test(
    arguments: [
      "{{", "{{number", "{{numbers}}", "{{integer 1}}", "{{integer 3 1}}", "{{decimal a b}}",
      "{{choice}}", "{{letters 0}}", "{{letters 99999999999}}", "{{}}", "{{number 1}}",
    ])
  func `a wrong field is shown`(template: String) {
    #expect {
      try BodyTemplate(template)
    } throws: { "\($0)".contains("{{") }
  }

  @Test func `all bodies of a corpus are used`() {
    let content = RequestContent.corpus((0..<5).map { [UInt8($0)] })
    let bodies = (0..<200).map { content.body(of: $0, seed: 1) }
    #expect(Set(bodies).count == 5)
    #expect(bodies == (0..<200).map { content.body(of: $0, seed: 1) })
  }
}
