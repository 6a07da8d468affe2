package import Kubernetes
import Yams

/// Writes values as YAML: block style, keys in their order, strings quoted only where they would
/// otherwise be read as something else.
package enum YAMLText {
  /// The documents, separated by `---`.
  package static func encode(_ documents: [JSONValue]) -> String {
    documents.map(encode).joined(separator: "---\n")
  }

  package static func encode(_ value: JSONValue) -> String {
    do {
      return try serialize(node: node(value), width: -1, allowUnicode: true)
    } catch {
      // JSON is YAML too, should the emitter ever refuse a text.
      return JSONText.encode(value, indentation: 2) + "\n"
    }
  }

  private static func node(_ value: JSONValue) -> Node {
    switch value {
    case .null: .scalar(.init("null", .implicit, .plain))
    case .bool, .integer: .scalar(.init(value.scalarText ?? "", .implicit, .plain))
    case .number(let number): .scalar(.init(String(number), .implicit, .plain))
    case .string(let string): .scalar(.init(string, .implicit, style(of: string)))
    case .array(let array):
      .sequence(.init(array.map(node), .implicit, isShort(array) ? .flow : .block))
    case .object(let object):
      .mapping(
        .init(
          object.members.map { (node(.string($0.key)), node($0.value)) }, .implicit,
          object.isEmpty ? .flow : .block))
    }
  }

  /// A few words fit on one line.
  private static func isShort(_ array: [JSONValue]) -> Bool {
    let texts = array.compactMap(\.scalarText)
    return texts.count == array.count && texts.reduce(0) { $0 + $1.count + 2 } <= 60
      && !texts.contains { $0.contains("\n") }
  }

  private static func style(of string: String) -> Node.Scalar.Style {
    if string.contains("\n") { return .literal }
    let isAmbiguous =
      ScalarResolver.value(ofPlain: string) != .string(string)
      || ["=", "<<", "y", "Y", "n", "N"].contains(string)
      || Resolver.default.resolveTag(of: .scalar(.init(string))) != .str
    return isAmbiguous ? .doubleQuoted : .any
  }
}
