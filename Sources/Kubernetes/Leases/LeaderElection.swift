/// When to take, keep and give up the lead, as client-go decides it (`tools/leaderelection`).
///
/// Clocks of different machines are never compared: a lease has run out when *we* have seen it
/// unchanged for its whole duration.
package struct LeaderElection: Hashable, Sendable {
  package let identity: String
  /// How long others leave a leader alone that has stopped renewing.
  package let leaseDuration: Duration
  /// A leader that could not renew for so long stops leading, before others may begin.
  package let renewDeadline: Duration
  /// Between two attempts to take or renew.
  package let retryPeriod: Duration

  package init(
    identity: String, leaseDuration: Duration = .seconds(15),
    renewDeadline: Duration = .seconds(10), retryPeriod: Duration = .seconds(2)
  ) {
    self.identity = identity
    self.leaseDuration = leaseDuration
    self.renewDeadline = min(renewDeadline, leaseDuration)
    self.retryPeriod = retryPeriod
  }

  /// The lease as it was last seen to change.
  package struct Observation: Hashable, Sendable {
    package let record: LeaseRecord
    /// By our own clock.
    package let changedAt: Duration
  }

  package enum Decision: Hashable, Sendable {
    /// There is no lease yet.
    case create
    /// It is ours.
    case renew
    /// Nobody holds it any more.
    case takeOver
    /// Another holds it, at least for so long.
    case wait(Duration)
  }

  /// What is known after reading the lease: a record that changed starts its time anew.
  package func observing(
    _ record: LeaseRecord, after last: Observation?, at now: Duration
  ) -> Observation {
    if let last, last.record == record { return last }
    return Observation(record: record, changedAt: now)
  }

  package func decision(_ observation: Observation?, at now: Duration) -> Decision {
    guard let observation else { return .create }
    let record = observation.record
    if record.holder == identity { return .renew }
    if record.holder.isEmpty { return .takeOver }
    let end = observation.changedAt + record.duration
    return now >= end ? .takeOver : .wait(end - now)
  }

  /// What the lease says after a decision was carried out.
  package func record(after decision: Decision, of last: LeaseRecord?, at time: Timestamp)
    -> LeaseRecord
  {
    var record = LeaseRecord(
      holder: identity, duration: leaseDuration, acquired: time, renewed: time)
    guard let last else { return record }
    record.transitions = last.transitions + (last.holder == identity ? 0 : 1)
    if decision == .renew { record.acquired = last.acquired }
    return record
  }

  /// What the lease says once the leader has stepped down: another may begin at once.
  package func released(_ record: LeaseRecord, at time: Timestamp) -> LeaseRecord {
    LeaseRecord(
      holder: "", duration: .seconds(1), acquired: time, renewed: time,
      transitions: record.transitions)
  }
}
