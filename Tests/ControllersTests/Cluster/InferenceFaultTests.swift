import Controllers
import CustomResources
import Kubernetes
import Simulation
import Synchronization
import Testing
import Tuning

/// A daemon that dies at any call while it takes up an Inference, tunes it and tunes it again.
@Suite struct InferenceFaultTests {
  /// What there is in the end: experiments with their phase, trials with their configurations.
  private static func summary(_ shop: TunedShop) -> [String] {
    let experiments = shop.experiments.map { experiment in
      [
        experiment.name, experiment.conditions["Progressing"]?.reason ?? "",
        experiment.annotations[ClusterNames.earlier] ?? "",
        experiment.status?["recommendation"]?["summary"]?.string ?? "",
      ].joined(separator: " ")
    }
    let trials = shop.server.objects(.trials).map { trial in
      [
        trial.name, trial.spec?["configuration"]?.string ?? "",
        trial.status?["phase"]?.string ?? "",
      ].joined(separator: " ")
    }
    return experiments + trials
  }

  /// Tunes, changes the image once that is over, and tunes again.
  private static func run(
    fault: (afterPerforming: Bool, index: Int)? = nil
  ) async throws -> (shop: TunedShop, calls: Int, met: Bool) {
    let shop = try await TunedShop(settings: ["budget": "2"])
    try await shop.apply()
    let counter = CallCounter()
    if let fault {
      shop.server.fail(with: .serverError(500), afterPerforming: fault.afterPerforming) { call in
        call.verb != .watch && counter.isDaemon && counter.next() == fault.index
      }
    }
    shop.server.forgetCalls()
    try await shop.settle()
    counter.isDaemon = false
    try await shop.change { $0.replacing("server:1", with: "server:2") }
    counter.isDaemon = true
    try await shop.steps(2)
    try await shop.settle()
    return (shop, shop.server.calls.count, counter.value > (fault?.index ?? 0))
  }

  @Test(arguments: [false, true])
  func `at whatever call it dies, every predictor is tuned once, and once again`(
    afterPerforming: Bool
  ) async throws {
    let reference = try await Self.run()
    let summary = Self.summary(reference.shop)
    #expect(reference.shop.experiments.count == 2)
    var met = 0
    for index in stride(from: 0, to: reference.calls, by: 23) {
      let faulty = try await Self.run(fault: (afterPerforming, index))
      met += faulty.met ? 1 : 0
      #expect(Self.summary(faulty.shop) == summary, "call \(index)")
      #expect(faulty.shop.cluster.leftovers.isEmpty, "call \(index)")
      #expect(
        try await faulty.shop.inference.annotations[ClusterNames.problem] == nil, "call \(index)")
    }
    #expect(met > 10, "hardly a fault was met")
  }
}

private final class CallCounter: Sendable {
  private let count = Atomic(0)
  private let calls = Atomic(true)
  func next() -> Int { count.add(1, ordering: .relaxed).oldValue }
  /// Whether it is the daemon that calls, and not the test.
  var isDaemon: Bool {
    get { calls.load(ordering: .relaxed) }
    set { calls.store(newValue, ordering: .relaxed) }
  }
  var value: Int { count.load(ordering: .relaxed) }
}
