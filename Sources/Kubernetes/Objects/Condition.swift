/// One aspect of an object's state, in the standard form (`metav1.Condition`).
package struct Condition: Hashable, Sendable {
  package enum Status: String, Sendable {
    case yes = "True"
    case no = "False"
    case unknown = "Unknown"
  }

  package let type: String
  package var status: Status
  /// One word in CamelCase, for programs.
  package var reason: String
  /// For people.
  package var message: String
  /// The generation of the object that the condition speaks of.
  package var observedGeneration: Int
  /// When `status` last changed.
  package var lastTransitionTime: Timestamp

  package init(
    _ type: String, _ status: Status, reason: String, message: String, observedGeneration: Int,
    at time: Timestamp
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = time
  }

  /// Nil without a type; what else is missing is empty, unknown or the epoch.
  package init?(_ json: JSONValue) {
    guard let type = json["type"]?.string else { return nil }
    self.init(
      type, json["status"]?.string.flatMap(Status.init) ?? .unknown,
      reason: json["reason"]?.string ?? "", message: json["message"]?.string ?? "",
      observedGeneration: json["observedGeneration"]?.integer ?? 0,
      at: json["lastTransitionTime"]?.string.flatMap(Timestamp.init) ?? Timestamp(seconds: 0))
  }

  package var json: JSONValue {
    [
      "type": .string(type), "status": .string(status.rawValue), "reason": .string(reason),
      "message": .string(message), "observedGeneration": .integer(observedGeneration),
      "lastTransitionTime": .string(lastTransitionTime.description),
    ]
  }
}

extension [Condition] {
  /// The condition of a type.
  package subscript(type: String) -> Condition? { first { $0.type == type } }

  /// Adds the condition or replaces the one of its type, which keeps its transition time as long
  /// as its status stays.
  package mutating func set(_ condition: Condition) {
    guard let index = firstIndex(where: { $0.type == condition.type }) else {
      return append(condition)
    }
    var condition = condition
    if self[index].status == condition.status {
      condition.lastTransitionTime = self[index].lastTransitionTime
    }
    self[index] = condition
  }
}

extension KubernetesObject {
  /// `status.conditions`
  package var conditions: [Condition] {
    get { (status?["conditions"]?.array ?? []).compactMap(Condition.init) }
    set { set(.array(newValue.map(\.json)), at: ["status", "conditions"]) }
  }
}
