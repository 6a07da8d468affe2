import Kubernetes

/// Collects changes to a document, each with a test of what it replaces, so that the patch fails
/// where the document has changed in the meantime.
struct PatchBuilder {
  private(set) var document: JSONValue
  private(set) var patch = JSONPatch()

  init(_ document: JSONValue) { self.document = document }

  /// Tests that the value there is still the same; nothing where there is none.
  mutating func pin(_ pointer: JSONPointer) throws(JSONPatchError) {
    guard let value = document[pointer] else { return }
    try make(.test(pointer, value))
  }

  /// Sets a value, with all that holds it. An equal text or number that is there stays as it is.
  mutating func set(_ pointer: JSONPointer, to value: JSONValue) throws(JSONPatchError) {
    guard let present = document[pointer] else {
      try makeMapping(at: pointer.parent)
      try make(.add(pointer, value))
      return
    }
    if present == value || present.scalarText.map({ $0 == value.scalarText }) ?? false { return }
    try make(.test(pointer, present))
    try make(.replace(pointer, value))
  }

  /// Appends to a list, which is made where there is none.
  mutating func append(_ value: JSONValue, to list: JSONPointer) throws(JSONPatchError) {
    guard document[list]?.array != nil else {
      try make(.add(list, .array([value])))
      return
    }
    try make(.add(list.appending("-"), value))
  }

  /// Removes what is there, and what holds it where that is left empty, up to but not including
  /// `place`.
  mutating func remove(_ pointer: JSONPointer, keeping place: JSONPointer) throws(JSONPatchError) {
    guard let present = document[pointer] else { return }
    try make(.test(pointer, present))
    try make(.remove(pointer))
    var pointer = pointer
    while let parent = pointer.parent, parent.tokens.count > place.tokens.count,
      document[parent]?.isEmptyContainer ?? false
    {
      try make(.remove(parent))
      pointer = parent
    }
  }

  private mutating func makeMapping(at pointer: JSONPointer?) throws(JSONPatchError) {
    guard let pointer, document[pointer].map({ $0 == .null }) ?? true else { return }
    try makeMapping(at: pointer.parent)
    try make(.add(pointer, [:]))
  }

  private mutating func make(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
    document = try operation.applied(to: document)
    patch.operations.append(operation)
  }
}

extension JSONValue {
  fileprivate var isEmptyContainer: Bool { object?.isEmpty ?? array?.isEmpty ?? false }
}
