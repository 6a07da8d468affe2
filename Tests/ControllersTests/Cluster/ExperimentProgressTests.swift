import Controllers
import CustomResources
import Kubernetes
import Simulation
import Synchronization
import Testing
import Tuning

/// What whoever waits for an experiment in a cluster is told.
@Suite struct ExperimentProgressTests {
  @Test func `every trial starts and ends once, and the conclusion comes last`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let told = try await follow(cluster)
    let count = cluster.trials.count
    #expect(told.count { $0.hasPrefix("started") } == count)
    #expect(told.count { $0.hasPrefix("finished") } == count)
    #expect(Set(told.filter { $0.hasPrefix("finished") }).count == count)
    #expect(told.last?.hasPrefix("concluded") == true)
    for ordinal in 0..<count {
      let start = try #require(told.firstIndex(of: "started \(ordinal)"))
      #expect(start < told.firstIndex(of: "finished \(ordinal)") ?? 0)
    }
    #expect(told.contains("progressed 0: the stress test runs"))
  }

  @Test func `whoever comes late hears of all that has ended, one after the other`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    try await cluster.run()
    var progress = ExperimentProgress()
    let updates = progress.updates(try ClusterStudy(try await snapshot(cluster)))
    var known: [Int] = []
    for case .event(.trialFinished(_, let study)) in updates {
      known.append(study.trials.count { !$0.isPending })
    }
    #expect(known == Array(1...cluster.trials.count))
    #expect(progress.updates(try ClusterStudy(try await snapshot(cluster))).isEmpty)
  }

  @Test func `what it waits for is told once`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install(settings: ["image": ""])
    var progress = ExperimentProgress()
    var notes: [String] = []
    for _ in 0..<3 {
      try await cluster.run(rounds: 1) { _ in false }
      for case .note(let note) in progress.updates(
        try ClusterStudy(try await snapshot(cluster)))
      { notes.append(note) }
    }
    #expect(notes.count == 1)
    #expect(notes.first?.contains("ImageUnknown") == true)
  }

  @Test func `a trial that is begun anew is told of`() async throws {
    let cluster = SimulatedCluster { _ in .losesItsTest(reason: "BackoffLimitExceeded") }
    try await cluster.install()
    let told = try await follow(cluster)
    #expect(told.contains("note: trial 0 is begun anew (attempt 2)"))
  }

  @Test func `changes wake who follows, until it has what it wants`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let looks = Mutex(0)
    let changes = ClusterChanges(
      ofExperiment: SimulatedCluster.key, client: cluster.client, clock: ContinuousClock()
    ) { 0.5 }
    let work = Task { try await cluster.run() }
    // Far beyond any test: only changes can wake it.
    let last = try await changes.follow(every: .seconds(3_600)) {
      looks.withLock { $0 += 1 }
      let snapshot = try await snapshot(cluster)
      return snapshot.isSettled ? snapshot : nil
    }
    _ = try await work.value
    #expect(last.phase == .succeeded)
    #expect(looks.withLock { $0 } > 1)
  }

  @Test func `who follows can be canceled, and hears when it is deleted`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let changes = ClusterChanges(
      ofExperiment: SimulatedCluster.key, client: cluster.client, clock: ContinuousClock()
    ) { 0.5 }
    let waiting = Task {
      try await changes.follow(every: .seconds(3_600)) {
        try await snapshot(cluster).isSettled ? true : nil
      }
    }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    let other = Task {
      try await changes.follow(every: .seconds(3_600)) {
        try await snapshot(cluster).isSettled ? true : nil
      }
    }
    try await cluster.client.delete(.profilingExperiments, SimulatedCluster.key)
    await #expect(throws: ClusterCommandError.self) { try await other.value }
  }

  @Test func `an end is asked for by an annotation, and what is over stays`() async throws {
    let cluster = SimulatedCluster()
    try await cluster.install()
    let cancellation = Cancellation(cluster.client)
    let asked = try await cancellation.request(SimulatedCluster.key, at: cluster.now)
    #expect(asked.experiment.annotations[ClusterNames.cancel] == "\(cluster.now)")
    try await cluster.run()
    let ended = try await snapshot(cluster)
    #expect(ended.isCancelled)
    #expect(ended.failure?.isEmpty == false)
    let again = try await cancellation.request(SimulatedCluster.key, at: cluster.now)
    #expect(again.experiment.resourceVersion == ended.experiment.resourceVersion)
    let error = await #expect(throws: ClusterCommandError.self) {
      _ = try await cancellation.request(
        ObjectKey(namespace: "shop", name: "embeddr"), at: cluster.now)
    }
    #expect(error?.description.contains("did you mean \"embedder\"?") == true)
  }

  // MARK: -

  /// Everything that is told from the beginning to the end, in words.
  private func follow(_ cluster: SimulatedCluster) async throws -> [String] {
    var progress = ExperimentProgress()
    var told: [String] = []
    for _ in 0..<300 {
      try await cluster.run(rounds: 1) { _ in false }
      let snapshot = try await snapshot(cluster)
      for update in progress.updates(try ClusterStudy(snapshot)) {
        switch update {
        case .note(let note): told.append("note: \(note)")
        case .event(.trialStarted(let ordinal, _)): told.append("started \(ordinal)")
        case .event(.trialProgressed(let ordinal, .waiting(let words))):
          told.append("progressed \(ordinal): \(words)")
        case .event(.trialProgressed): Issue.record("more than words is known")
        case .event(.trialFinished(let ordinal, _)): told.append("finished \(ordinal)")
        case .event(.concluded(let reason)): told.append("concluded: \(reason.rawValue)")
        }
      }
      if snapshot.isSettled { break }
    }
    return told
  }

  private func snapshot(_ cluster: SimulatedCluster) async throws -> ExperimentSnapshot {
    try await .read(SimulatedCluster.key, from: cluster.client)
  }
}
