import Kubernetes

extension JSONValue {
  /// The merge patch (RFC 7386) that turns `old` into this value; nil where there is nothing to
  /// change. Members that are gone become null.
  func mergePatch(from old: JSONValue?) -> JSONValue? {
    if self == old { return nil }
    guard let new = object else { return self }
    let before = old?.object ?? JSONObject()
    var patch = JSONObject()
    for key in before.keys where new[key] == nil { patch[key] = .null }
    for (key, value) in new.members {
      // An object without members is still to be set where there was none.
      patch[key] = value.mergePatch(from: before[key])
    }
    return .object(patch)
  }

  /// A number the way the API server gives it back: whole ones without a fraction, so that what
  /// was written equals what is read.
  init(normalizing number: Double) {
    self = Int(exactly: number).map(JSONValue.integer) ?? .number(number)
  }
}

extension JSONObject {
  /// Leaves members without a value out.
  init(present members: [(String, JSONValue?)]) {
    self.init(members.compactMap { key, value in value.map { (key, $0) } })
  }
}
