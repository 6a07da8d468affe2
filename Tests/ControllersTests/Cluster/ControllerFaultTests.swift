import Controllers
import CustomResources
import Kubernetes
import Simulation
import Synchronization
import Testing
import Tuning

/// A daemon that dies at any call, and an API server that fails at any call: the experiment ends
/// as it would have.
@Suite struct ControllerFaultTests {
  /// Configurations by ordinal, and their outcomes.
  private static func summary(_ cluster: SimulatedCluster) -> [String] {
    cluster.trials.map { trial in
      [
        trial.name, trial.spec?["configuration"]?.string ?? "",
        trial.status?["phase"]?.string ?? "",
      ].joined(separator: " ")
    }
  }

  private static func cluster() async throws -> SimulatedCluster {
    let cluster = SimulatedCluster()
    try await cluster.install(
      experiment: SimulatedCluster.experiment.replacing("maxNumTrials: 8", with: "maxNumTrials: 4"))
    return cluster
  }

  /// The calls of the controller, in their order, in a run without faults.
  private static func calls() async throws -> (count: Int, summary: [String], status: JSONValue?) {
    let cluster = try await cluster()
    // The same UID as in every other run: the server numbers them.
    let experiment = try await cluster.run()
    return (cluster.server.calls.count, summary(cluster), experiment.status?["recommendation"])
  }

  /// A round that fails at a call is a round of a daemon that died there: nothing is remembered
  /// between rounds.
  @Test(arguments: [false, true])
  func `at whatever call it dies, nothing is lost, doubled or left over`(
    afterPerforming: Bool
  ) async throws {
    let reference = try await Self.calls()
    #expect(reference.summary.count == 4)
    var isAnyDifferent = false
    for index in stride(from: 3, to: reference.count, by: 5) {
      let cluster = try await Self.cluster()
      let counter = Counter()
      cluster.server.fail(with: .serverError(500), afterPerforming: afterPerforming) { call in
        counter.next() == index && call.verb != .watch
      }
      let experiment = try await cluster.run(rounds: 600)
      #expect(Self.summary(cluster) == reference.summary, "call \(index)")
      #expect(experiment.status?["recommendation"] == reference.status, "call \(index)")
      #expect(cluster.leftovers.isEmpty, "call \(index)")
      isAnyDifferent = isAnyDifferent || counter.value > index
    }
    #expect(isAnyDifferent, "no fault was met")
  }

  @Test func `a server that is away for a while costs time and nothing else`() async throws {
    let reference = try await Self.calls()
    let cluster = try await Self.cluster()
    try await cluster.run(rounds: 4) { _ in false }
    cluster.server.fail(next: 40, with: .serverError(503)) { $0.verb != .watch }
    for _ in 0..<45 {
      _ = try? await ExperimentController(cluster.context).reconcile(SimulatedCluster.key)
    }
    try await cluster.run()
    #expect(Self.summary(cluster) == reference.summary)
  }
}

private final class Counter: Sendable {
  private let count = Atomic(0)
  func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
  var value: Int { count.load(ordering: .relaxed) }
}
