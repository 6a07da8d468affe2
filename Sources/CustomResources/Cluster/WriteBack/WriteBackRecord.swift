package import Kubernetes
import Tuning

/// What was written into an object by a recommendation, with what was there before: it stands in an
/// annotation of that very object, an Inference or the Deployment that serves it, and is written
/// together with the change.
package struct WriteBackRecord: Hashable, Sendable {
  package enum State: String, Hashable, Sendable {
    /// Written; its pods are on the way.
    case applied = "Applied"
    /// Its pods run.
    case rolledOut = "RolledOut"
    /// The old values are back, and are to stay.
    case rolledBack = "RolledBack"
  }

  /// The experiment that recommended it, as it was then.
  package let experiment: String
  package let uid: String
  package let generation: Int
  package let container: String
  package let changes: [SpecChange]
  /// How long its pods may take to become ready.
  package let deadline: Duration
  /// Commands of the container that differ in nothing but what recommendations wrote into them, the
  /// first from before all of them; empty where none did.
  package let sameCommands: [JSONValue]
  package private(set) var state = State.applied
  /// Since when it is in that state.
  package private(set) var time: Timestamp
  /// Why it was rolled back.
  package private(set) var reason: String?

  /// - Parameter earlier: what the predictor's record was before.
  package init(
    of experiment: KubernetesObject, container: String, changes: [SpecChange],
    deadline: Duration, after earlier: WriteBackRecord? = nil, at time: Timestamp
  ) {
    self.experiment = experiment.name
    self.uid = experiment.uid ?? ""
    self.generation = experiment.generation
    self.container = container
    self.changes = changes
    self.deadline = deadline
    self.sameCommands = Self.commands(changes, after: earlier?.sameCommands ?? [])
    self.time = time
  }

  private static func commands(
    _ changes: [SpecChange], after earlier: [JSONValue]
  ) -> [JSONValue] {
    guard let change = changes.first(where: { $0.place == .command }), let old = change.old,
      let new = change.new
    else { return earlier }
    return (earlier.contains(old) ? earlier : [old]) + [new]
  }

  /// The command as it was before any recommendation was written into it.
  func command(behind present: JSONValue) -> JSONValue {
    sameCommands.contains(present) ? sameCommands[0] : present
  }

  private init(copying record: WriteBackRecord, _ changes: [SpecChange]) {
    experiment = record.experiment
    uid = record.uid
    generation = record.generation
    container = record.container
    deadline = record.deadline
    sameCommands = record.sameCommands
    state = record.state
    time = record.time
    reason = record.reason
    self.changes = changes
  }

  /// The same for another object, which has values of its own.
  package func with(_ changes: [SpecChange]) -> WriteBackRecord {
    WriteBackRecord(copying: self, changes)
  }

  package func reaching(
    _ state: State, because reason: String? = nil, at time: Timestamp
  ) -> WriteBackRecord {
    var record = self
    record.state = state
    record.time = time
    record.reason = reason
    return record
  }

  /// Whether it was this very recommendation of an experiment that was written.
  package func isFrom(_ experiment: KubernetesObject) -> Bool {
    uid == experiment.uid && generation == experiment.generation
  }

  /// Whether both speak of the same recommendation.
  package func isSameWriting(as other: WriteBackRecord) -> Bool {
    uid == other.uid && generation == other.generation
  }
}

// MARK: - The annotation

extension WriteBackRecord {
  private static let pointer = JSONPointer(["metadata", "annotations", ClusterNames.previous])

  /// By predictor. What can't be read is left out.
  package static func all(of object: KubernetesObject) -> [String: WriteBackRecord] {
    var records: [String: WriteBackRecord] = [:]
    for (predictor, json) in Self.json(object, pointer).members {
      records[predictor] = WriteBackRecord(json)
    }
    return records
  }

  /// The operations that set the record of one predictor in an object's annotation, or remove it,
  /// provided that the object is still in the version that was read.
  package static func patch(
    _ object: KubernetesObject, setting record: WriteBackRecord?, of predictor: String
  ) throws(JSONPatchError) -> JSONPatch {
    try ObjectAnnotation(pointer).patch(object, setting: record?.json, of: predictor)
  }

  fileprivate static func json(
    _ object: KubernetesObject, _ pointer: JSONPointer
  ) -> JSONObject { ObjectAnnotation(pointer).members(of: object) }
}

/// The proposals in an Inference's annotation.
package enum Proposals {
  private static let annotation = ObjectAnnotation(
    JSONPointer(["metadata", "annotations", ClusterNames.recommendation]))

  package static func proposal(
    in object: KubernetesObject, for predictor: String
  ) -> JSONValue? { annotation.members(of: object)[predictor] }

  /// As `WriteBackRecord.patch`.
  package static func patch(
    _ object: KubernetesObject, setting proposal: JSONValue?, for predictor: String
  ) throws(JSONPatchError) -> JSONPatch {
    try annotation.patch(object, setting: proposal, of: predictor)
  }
}

/// An annotation with a JSON object in it that has a member for each predictor.
private struct ObjectAnnotation {
  let pointer: JSONPointer
  init(_ pointer: JSONPointer) { self.pointer = pointer }

  func members(of object: KubernetesObject) -> JSONObject {
    object.json[pointer]?.string.flatMap { try? JSONReader.decode($0) }?.object ?? JSONObject()
  }

  func patch(
    _ object: KubernetesObject, setting value: JSONValue?, of name: String
  ) throws(JSONPatchError) -> JSONPatch {
    var members = members(of: object)
    guard members[name] != value else { return JSONPatch() }
    members[name] = value
    var builder = PatchBuilder(object.json)
    // Where there is no annotation yet, no value could be tested.
    try builder.pin(JSONPointer(["metadata", "resourceVersion"]))
    if members.isEmpty {
      try builder.remove(pointer, keeping: JSONPointer(["metadata", "annotations"]))
    } else {
      try builder.set(pointer, to: .string(JSONText.encode(.object(members))))
    }
    return builder.patch
  }
}

// MARK: - JSON

extension WriteBackRecord {
  private var json: JSONValue {
    .object(
      JSONObject(present: [
        ("state", .string(state.rawValue)), ("time", .string(time.description)),
        ("reason", reason.map(JSONValue.string)),
        ("experiment", .string(experiment)), ("uid", .string(uid)),
        ("generation", .integer(generation)), ("container", .string(container)),
        ("deadlineSeconds", .integer(Int(deadline.seconds.rounded(.up)))),
        ("changes", .array(changes.map(\.json))),
        ("sameCommands", sameCommands.isEmpty ? nil : .array(sameCommands)),
      ]))
  }

  private init?(_ json: JSONValue) {
    let changes = (json["changes"]?.array ?? []).map(SpecChange.init)
    guard let state = json["state"]?.string.flatMap(State.init),
      let time = json["time"]?.string.flatMap(Timestamp.init),
      let experiment = json["experiment"]?.string, let uid = json["uid"]?.string,
      let container = json["container"]?.string, changes.allSatisfy({ $0 != nil })
    else { return nil }
    self.state = state
    self.time = time
    self.reason = json["reason"]?.string
    self.experiment = experiment
    self.uid = uid
    self.generation = json["generation"]?.integer ?? 0
    self.container = container
    self.deadline = .seconds(json["deadlineSeconds"]?.integer ?? 600)
    self.changes = changes.compactMap(\.self)
    self.sameCommands = json["sameCommands"]?.array ?? []
  }
}
