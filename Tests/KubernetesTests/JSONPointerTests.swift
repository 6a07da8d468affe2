import Kubernetes
import Testing

@Suite struct JSONPointerTests {
  /// RFC 6901, section 5.
  @Test(
    arguments: [
      ("", nil), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2),
      ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
    ] as [(String, JSONValue?)])
  func `the RFC's examples resolve`(text: String, value: JSONValue?) throws {
    let document: JSONValue = [
      "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6,
      " ": 7, "m~n": 8,
    ]
    let pointer = try #require(JSONPointer(text: text))
    #expect(document[pointer] == (value ?? document))
    #expect(pointer.description == text)
  }

  @Test(arguments: ["foo", "/a~2", "/a~"])
  func `what is no pointer is refused`(text: String) {
    #expect(JSONPointer(text: text) == nil)
  }

  @Test func `objects keep the order of their keys but are equal without it`() {
    var object = JSONObject([("z", 1), ("a", 2)])
    object["m"] = 3
    object["z"] = 9
    #expect(object.keys == ["z", "a", "m"])
    object["a"] = nil
    #expect(object.keys == ["z", "m"])
    #expect(JSONValue.object(object) == ["m": 3, "z": 9])
  }
}
