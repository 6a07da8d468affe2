/// Who leads, as a Lease of `coordination.k8s.io/v1` records it.
package struct LeaseRecord: Hashable, Sendable {
  /// Empty when the last leader has stepped down.
  package var holder: String
  /// How long after the last renewal the holder must be left alone.
  package var duration: Duration
  package var acquired: Timestamp
  package var renewed: Timestamp
  /// How often the holder has changed.
  package var transitions: Int

  package init(
    holder: String, duration: Duration, acquired: Timestamp, renewed: Timestamp,
    transitions: Int = 0
  ) {
    self.holder = holder
    self.duration = duration
    self.acquired = acquired
    self.renewed = renewed
    self.transitions = transitions
  }

  package init(_ lease: KubernetesObject) {
    let spec = lease.spec
    func instant(_ key: String) -> Timestamp {
      spec?[key]?.string.flatMap(Timestamp.init) ?? Timestamp(seconds: 0)
    }
    self.init(
      holder: spec?["holderIdentity"]?.string ?? "",
      duration: .seconds(spec?["leaseDurationSeconds"]?.integer ?? 0),
      acquired: instant("acquireTime"), renewed: instant("renewTime"),
      transitions: spec?["leaseTransitions"]?.integer ?? 0)
  }

  /// The Lease's `spec`.
  package var json: JSONValue {
    [
      "holderIdentity": .string(holder),
      "leaseDurationSeconds": .integer(max(1, Int(duration.components.seconds))),
      "acquireTime": .string(acquired.microText), "renewTime": .string(renewed.microText),
      "leaseTransitions": .integer(transitions),
    ]
  }
}
