/// The members of a JSON object, in the order in which they were written. Two objects with the
/// same members are equal whatever the order, as RFC 8259 has it.
package struct JSONObject: Sendable {
  package private(set) var keys: [String]
  private var values: [String: JSONValue]

  /// Of members with the same name, the last counts.
  package init(_ members: [(String, JSONValue)] = []) {
    self.keys = []
    self.values = [:]
    for (key, value) in members { self[key] = value }
  }

  /// Setting a new member appends it; setting nil removes the member.
  package subscript(key: String) -> JSONValue? {
    get { values[key] }
    set {
      guard let newValue else {
        if values.removeValue(forKey: key) != nil { keys.removeAll { $0 == key } }
        return
      }
      if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
    }
  }

  package var count: Int { keys.count }
  package var isEmpty: Bool { keys.isEmpty }

  /// Every member, in order.
  package var members: [(key: String, value: JSONValue)] {
    keys.compactMap { key in values[key].map { (key, $0) } }
  }
}

extension JSONObject: Hashable {
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.values == right.values
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(values) }
}
