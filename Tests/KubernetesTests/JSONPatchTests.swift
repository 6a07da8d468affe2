import Kubernetes
import Testing

@Suite struct JSONPatchTests {
  /// The examples of RFC 6902, appendix A, that use these operations.
  static let examples: [(document: JSONValue, operation: JSONPatch.Operation, result: JSONValue?)] =
    [
      (["foo": "bar"], .add(place("/baz"), "qux"), ["baz": "qux", "foo": "bar"]),
      (
        ["foo": ["bar", "baz"]], .add(place("/foo/1"), "qux"),
        ["foo": ["bar", "qux", "baz"]]
      ),
      (["baz": "qux", "foo": "bar"], .remove(place("/baz")), ["foo": "bar"]),
      (["foo": ["bar", "qux", "baz"]], .remove(place("/foo/1")), ["foo": ["bar", "baz"]]),
      (
        ["baz": "qux", "foo": "bar"], .replace(place("/baz"), "boo"),
        ["baz": "boo", "foo": "bar"]
      ),
      (["baz": "qux"], .test(place("/baz"), "qux"), ["baz": "qux"]),
      (["baz": "qux"], .test(place("/baz"), "bar"), nil),
      (
        ["foo": "bar"], .add(place("/child"), ["grandchild": [:]]),
        ["foo": "bar", "child": ["grandchild": [:]]]
      ),
      (["foo": "bar"], .add(place("/baz/bat"), "qux"), nil),
      (
        ["foo": ["bar"]], .add(place("/foo/-"), ["abc", "def"]), ["foo": ["bar", ["abc", "def"]]]
      ),
      (["/": 9, "~1": 10], .test(place("/~01"), 10), ["/": 9, "~1": 10]),
      (["/": 9, "~1": 10], .test(place("/~01"), "10"), nil),
      (["foo": ["bar"]], .add(place("/foo/2"), "late"), nil),
      (["foo": ["bar"]], .replace(place("/foo/01"), "late"), nil),
      (["foo": ["bar"]], .replace(place(""), "all"), "all"),
    ]

  static func place(_ text: String) -> JSONPointer { JSONPointer(text: text) ?? .root }

  @Test(arguments: examples.indices)
  func `the RFC's examples come out`(index: Int) throws {
    let example = Self.examples[index]
    #expect((try? example.operation.applied(to: example.document)) == example.result)
  }

  @Test func `a patch is all or nothing`() {
    let patch = JSONPatch([
      .replace(Self.place("/a"), 2), .test(Self.place("/b"), "no such thing"),
    ])
    #expect(throws: JSONPatchError.nothingThere(Self.place("/b"))) {
      try patch.applied(to: ["a": 1])
    }
  }

  @Test func `a patch is written as kubectl reads it`() {
    let patch = JSONPatch([
      .test(Self.place("/a"), 1), .replace(Self.place("/a"), 2), .remove(Self.place("/x~1y")),
      .add(Self.place("/l/-"), ["k": nil]),
    ])
    #expect(
      JSONText.encode(patch.json) == #"[{"op":"test","path":"/a","value":1},"#
        + #"{"op":"replace","path":"/a","value":2},{"op":"remove","path":"/x~1y"},"#
        + #"{"op":"add","path":"/l/-","value":{"k":null}}]"#)
  }
}
