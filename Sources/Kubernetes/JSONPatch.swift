/// Changes to a JSON document, made in order and all or none (RFC 6902).
package struct JSONPatch: Hashable, Sendable {
  /// One change. `move` and `copy` are left out: nothing here makes them.
  package enum Operation: Hashable, Sendable {
    /// Fails unless the value at the place equals this one.
    case test(JSONPointer, JSONValue)
    /// Sets a member, or inserts into a list before the index, `-` meaning its end.
    case add(JSONPointer, JSONValue)
    case replace(JSONPointer, JSONValue)
    case remove(JSONPointer)
  }

  package var operations: [Operation]

  package init(_ operations: [Operation] = []) { self.operations = operations }

  /// The document after every change, or why one of them can't be made.
  package func applied(to document: JSONValue) throws(JSONPatchError) -> JSONValue {
    var result = document
    for operation in operations { result = try operation.applied(to: result) }
    return result
  }

  /// The patch as the JSON array that `kubectl patch --type=json` takes.
  package var json: JSONValue { .array(operations.map(\.json)) }
}

extension JSONPatch.Operation {
  /// The document after this change.
  package func applied(to document: JSONValue) throws(JSONPatchError) -> JSONValue {
    switch self {
    case .test(let pointer, let expected):
      guard let found = document[pointer] else { throw .nothingThere(pointer) }
      guard found == expected else { throw .differs(pointer, found: found, expected: expected) }
      return document
    case .add(let pointer, let value):
      return try document.edited(at: pointer.tokens[...], pointer) { (parent, token) in
        parent.adding(value, at: token)
      } root: {
        value
      }
    case .replace(let pointer, let value):
      guard document[pointer] != nil else { throw .nothingThere(pointer) }
      return try document.edited(at: pointer.tokens[...], pointer) { (parent, token) in
        parent.replacing(token, with: value)
      } root: {
        value
      }
    case .remove(let pointer):
      guard document[pointer] != nil else { throw .nothingThere(pointer) }
      return try document.edited(at: pointer.tokens[...], pointer) { (parent, token) in
        parent.replacing(token, with: nil)
      } root: {
        .null
      }
    }
  }

  package var json: JSONValue {
    switch self {
    case .test(let pointer, let value): Self.json("test", pointer, value)
    case .add(let pointer, let value): Self.json("add", pointer, value)
    case .replace(let pointer, let value): Self.json("replace", pointer, value)
    case .remove(let pointer): Self.json("remove", pointer, nil)
    }
  }

  private static func json(
    _ operation: String, _ pointer: JSONPointer, _ value: JSONValue?
  ) -> JSONValue {
    var object = JSONObject([
      ("op", .string(operation)), ("path", .string(pointer.description)),
    ])
    object["value"] = value
    return .object(object)
  }
}

extension JSONValue {
  /// Rebuilds the document along `tokens`; `edit` changes the container of the last one.
  fileprivate func edited(
    at tokens: ArraySlice<String>, _ pointer: JSONPointer,
    _ edit: (JSONValue, String) -> JSONValue?, root: () -> JSONValue
  ) throws(JSONPatchError) -> JSONValue {
    guard let token = tokens.first else { return root() }
    if tokens.count == 1 {
      guard let result = edit(self, token) else { throw .nothingThere(pointer) }
      return result
    }
    guard let child = self[JSONPointer([token])] else { throw .nothingThere(pointer) }
    let edited = try child.edited(at: tokens.dropFirst(), pointer, edit, root: root)
    return replacing(token, with: edited) ?? self
  }

  fileprivate func adding(_ value: JSONValue, at token: String) -> JSONValue? {
    switch self {
    case .object(var object):
      object[token] = value
      return .object(object)
    case .array(var array):
      let index = token == "-" ? array.count : JSONPointer.index(token)
      guard let index, index <= array.count else { return nil }
      array.insert(value, at: index)
      return .array(array)
    default: return nil
    }
  }

  /// With nil for a value, removes what is there.
  fileprivate func replacing(_ token: String, with value: JSONValue?) -> JSONValue? {
    switch self {
    case .object(var object):
      object[token] = value
      return .object(object)
    case .array(var array):
      guard let index = JSONPointer.index(token), array.indices.contains(index) else { return nil }
      if let value { array[index] = value } else { array.remove(at: index) }
      return .array(array)
    default: return nil
    }
  }
}

/// Why a patch can't be applied.
package enum JSONPatchError: Error, Hashable, CustomStringConvertible {
  case nothingThere(JSONPointer)
  case differs(JSONPointer, found: JSONValue, expected: JSONValue)

  package var description: String {
    switch self {
    case .nothingThere(let pointer): "\(pointer): nothing is there; a value or its parent is needed"
    case .differs(let pointer, let found, let expected):
      "\(pointer): \(JSONText.encode(found)) was found; \(JSONText.encode(expected)) is needed"
    }
  }
}
