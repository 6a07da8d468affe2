import Kubernetes
import Simulation
import Testing

@Suite struct LeaderElectionTests {
  private let election = LeaderElection(identity: "me")

  private func record(
    _ holder: String, renewed: Int64 = 0, duration: Duration = .seconds(15)
  ) -> LeaseRecord {
    LeaseRecord(
      holder: holder, duration: duration, acquired: Timestamp(seconds: 0),
      renewed: Timestamp(seconds: renewed), transitions: 4)
  }

  @Test func `decisions follow from what was seen`() {
    func decision(_ record: LeaseRecord?, seen: Duration, now: Duration)
      -> LeaderElection.Decision
    {
      election.decision(
        record.map { election.observing($0, after: nil, at: seen) }, at: now)
    }
    #expect(decision(nil, seen: .zero, now: .zero) == .create)
    #expect(decision(record("me"), seen: .zero, now: .seconds(99)) == .renew)
    #expect(decision(record(""), seen: .zero, now: .zero) == .takeOver)
    #expect(decision(record("you"), seen: .seconds(3), now: .seconds(10)) == .wait(.seconds(8)))
    #expect(decision(record("you"), seen: .seconds(3), now: .seconds(18)) == .takeOver)
  }

  @Test func `a renewal starts the time anew, whatever the other's clock says`() {
    let first = election.observing(record("you", renewed: 1_000_000), after: nil, at: .seconds(1))
    let same = election.observing(
      record("you", renewed: 1_000_000), after: first, at: .seconds(9))
    #expect(same.changedAt == .seconds(1))
    // Years in the past by our clock, and still a sign of life.
    let renewed = election.observing(record("you", renewed: 5), after: same, at: .seconds(10))
    #expect(election.decision(renewed, at: .seconds(20)) == .wait(.seconds(5)))
  }

  @Test func `a change of holder is counted, a renewal is not`() {
    let time = Timestamp(seconds: 50)
    let taken = election.record(after: .takeOver, of: record("you"), at: time)
    #expect(taken.transitions == 5 && taken.acquired == time && taken.holder == "me")
    let renewed = election.record(after: .renew, of: record("me"), at: time)
    #expect(renewed.transitions == 4 && renewed.acquired == Timestamp(seconds: 0))
  }

  @Test func `a lease survives its text`() {
    let record = record("me", renewed: 77)
    let object = KubernetesObject(
      .leases, ObjectKey(namespace: "a", name: "b"), content: ["spec": record.json])
    #expect(LeaseRecord(object) == record)
  }

  private func elector(
    _ identity: String, _ server: InMemoryAPIServer, _ clock: ManualClock
  ) -> LeaderElector {
    LeaderElector(
      LeaderElection(identity: identity), lease: ObjectKey(namespace: "default", name: "lead"),
      client: .inMemory(server), clock: clock, now: { Timestamp(seconds: 0) }, chance: { 0 })
  }

  @Test func `another leads once the leader is silent for the whole time`() async throws {
    let (server, clock) = (InMemoryAPIServer(), ManualClock())
    // A leader that died without giving its lease back.
    let dead = record("dead")
    _ = try await Client.inMemory(server).create(
      .leases,
      KubernetesObject(
        .leases, ObjectKey(namespace: "default", name: "lead"), content: ["spec": dead.json]))
    let elector = elector("me", server, clock)
    let task = Task { try await elector.lead { #expect(elector.isLeading) } }
    var waited: Duration = .zero
    while waited < .seconds(16) {
      await clock.waitForSleepers()
      #expect(!elector.isLeading)
      clock.advance(by: .seconds(2))
      waited += .seconds(2)
    }
    try await task.value
    let lease = try #require(server.objects(.leases).first)
    #expect(LeaseRecord(lease).transitions == 5 && LeaseRecord(lease).holder.isEmpty)
  }

  @Test func `a leader that can't renew stops before others begin`() async throws {
    let (server, clock) = (InMemoryAPIServer(), ManualClock())
    let elector = elector("me", server, clock)
    let task = Task {
      try await elector.lead { try await Task.sleep(for: .seconds(3_600)) }
    }
    // The lease is renewed every two seconds.
    await clock.waitForSleepers()
    server.fail(next: 1_000, with: .transport(.unreachable))
    var waited: Duration = .zero
    while elector.isLeading, waited <= .seconds(15) {
      clock.advance(by: .seconds(2))
      waited += .seconds(2)
      for _ in 0..<2_000 where elector.isLeading && clock.sleeperCount == 0 { await Task.yield() }
    }
    #expect(waited >= .seconds(10) && waited < .seconds(15))
    await #expect(throws: LeadershipLost.self) { try await task.value }
  }
}
