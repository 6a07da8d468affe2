/// Changes to a JSON document in the document's own shape (RFC 7386): members that are null are
/// removed, objects are merged, all else is replaced.
package enum MergePatch {
  package static func apply(_ patch: JSONValue, to document: JSONValue?) -> JSONValue {
    guard let members = patch.object?.members else { return patch }
    var result = document?.object ?? JSONObject()
    for (key, value) in members {
      // A bare nil would be a JSON null here.
      result[key] = value == .null ? JSONValue?.none : apply(value, to: result[key])
    }
    return .object(result)
  }
}
