import CustomResources
package import Kubernetes
import Tuning

/// A notice as an Event of the core group, which every version of Kubernetes serves.
///
/// Its name follows from what it says: the same said again is the same Event with a greater count,
/// whichever daemon says it.
package struct NoticeEvent: Hashable, Sendable {
  private let notice: Notice
  /// Which daemon says so.
  private let instance: String

  /// What says so, in the Event's `source`.
  package static let component = "morphling"
  /// The most that the API server takes in an Event.
  private static let messageBytesMax = 1_024

  package init(_ notice: Notice, instance: String) {
    self.notice = notice
    self.instance = instance
  }

  package var key: ObjectKey {
    let subject = notice.subject
    let told = [
      subject.kind, subject.uid ?? "", notice.severity.rawValue, notice.reason, message,
    ]
    let hash = String(SeededGenerator.seed(of: told.joined(separator: "\n")), radix: 16)
    // An object's name has at most 253 bytes.
    return ObjectKey(
      namespace: subject.namespace ?? "default",
      name: "\(subject.name.prefix(253 - 17)).\(hash)")
  }

  /// The trial's name goes first: the Event is its experiment's.
  private var message: String {
    let text = notice.trial.map { "\($0): \(notice.message)" } ?? notice.message
    guard text.utf8.count > Self.messageBytesMax else { return text }
    let bytes = text.utf8.prefix(Self.messageBytesMax - 3)
    // What is cut within a character goes whole.
    var end = bytes.endIndex
    while end.samePosition(in: text) == nil, end > text.startIndex {
      end = text.utf8.index(before: end)
    }
    return String(text[..<end]) + "…"
  }

  /// The Event as it is told for the first time.
  package func object(at now: Timestamp) -> KubernetesObject {
    let time = JSONValue.string(now.description)
    var event = KubernetesObject(
      .events, key, labels: labels,
      content: [
        "involvedObject": Self.reference(
          notice.subject.apiVersion, notice.subject.kind, key.namespace, notice.subject.name,
          uid: notice.subject.uid),
        "type": .string(notice.severity.rawValue), "reason": .string(notice.reason),
        "message": .string(message), "source": ["component": .string(Self.component)],
        "reportingComponent": .string(Self.component), "reportingInstance": .string(instance),
        "firstTimestamp": time, "lastTimestamp": time, "count": 1,
      ])
    if let trial = notice.trial {
      let kind = ResourceKind.trials
      event.json = event.json.adding(
        "related", Self.reference(kind.apiVersion, kind.kind, key.namespace, trial, uid: nil))
    }
    return event
  }

  /// What changes in the Event that is there when the same is told again.
  package func again(after event: KubernetesObject, at now: Timestamp) -> Patch {
    let count = event.json["count"]?.integer ?? 1
    return .merge([
      "count": .integer(count + 1), "lastTimestamp": .string(now.description),
      "reportingInstance": .string(instance),
    ])
  }

  private var labels: [String: String] {
    var labels: [String: String] = [:]
    labels[ClusterNames.experimentLabel] = notice.experiment.map(ClusterNames.bounded)
    labels[ClusterNames.trialLabel] = notice.trial.map(ClusterNames.bounded)
    return labels
  }

  private static func reference(
    _ apiVersion: String, _ kind: String, _ namespace: String?, _ name: String, uid: String?
  ) -> JSONValue {
    var reference = JSONObject([
      ("apiVersion", .string(apiVersion)), ("kind", .string(kind)), ("name", .string(name)),
    ])
    reference["namespace"] = namespace.map(JSONValue.string)
    reference["uid"] = uid.map(JSONValue.string)
    return .object(reference)
  }
}

extension JSONValue {
  fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
    var object = object ?? JSONObject()
    object[key] = value
    return .object(object)
  }
}
