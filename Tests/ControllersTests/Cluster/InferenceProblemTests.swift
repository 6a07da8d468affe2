import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// What keeps an Inference from being tuned is said, where people look.
@Suite struct InferenceProblemTests {
  private static func problem(of shop: TunedShop) async throws -> String? {
    try await shop.inference.annotations[ClusterNames.problem]
  }

  @Test(arguments: [
    ("slo", "p99=fast"), ("budget", "none"), ("mode", "Always"), ("search-space", "a: b"),
    ("search-space", "- {category: resource, parameters: []}"), ("stress-test", "[]"),
  ])
  func `a wrong setting is annotated, nothing is tuned by it, and mended it is`(
    key: String, text: String
  ) async throws {
    let shop = try await TunedShop()
    try await shop.apply(annotations: [key: text])
    try await shop.steps(5)
    #expect(shop.experiments.isEmpty)
    let problem = try #require(try await Self.problem(of: shop))
    #expect(problem.contains("Inference shop/embedder") && problem.contains(key))
    // Told once, not at each round.
    let told = shop.cluster.notices.filter { $0.reason == "TuningProblem" }
    #expect(told.count == 1)
    #expect(told.first?.severity == .warning && told.first?.message == problem)
    try await shop.annotate([key: nil])
    try await shop.steps(2)
    #expect(shop.experiments.count == 1)
    #expect(try await Self.problem(of: shop) == nil)
  }

  @Test func `what the stress test can't be made of is a problem too`() async throws {
    let shop = try await TunedShop()
    try await shop.apply(annotations: ["stress-test": "{port: nowhere, path: /}"])
    try await shop.steps(3)
    #expect(shop.experiments.isEmpty)
    #expect(try await Self.problem(of: shop)?.contains("nowhere") == true)
  }

  @Test func `an unknown setting is told, and tuning goes on`() async throws {
    let shop = try await TunedShop()
    try await shop.apply(annotations: ["modes": "Off"])
    try await shop.steps(3)
    #expect(shop.experiments.count == 1)
    #expect(try await Self.problem(of: shop)?.contains("unknown setting") == true)
  }

  @Test func `a wrong setting of the cluster is told for each new Inference`() async throws {
    let shop = try await TunedShop(settings: ["slo": "p99=fast"])
    try await shop.apply()
    try await shop.steps(3)
    #expect(shop.experiments.isEmpty)
    #expect(try await Self.problem(of: shop)?.contains("morphling-system/morphling-config") == true)
  }

  @Test func `where one predictor can't be tuned, the others are`() async throws {
    let shop = try await TunedShop()
    try await shop.apply {
      $0 + "\n    - {name: empty, template: {spec: {containers: []}}}\n"
    }
    try await shop.steps(3)
    #expect(shop.experiments.map(\.name) == ["embedder-main"])
    #expect(try await Self.problem(of: shop)?.contains("predictor empty") == true)
  }

  @Test func `a predictor that isn't there is named, and the others are tuned`() async throws {
    let shop = try await TunedShop()
    try await shop.apply(annotations: ["predictors": "main,nobody"])
    try await shop.steps(3)
    #expect(shop.experiments.map(\.name) == ["embedder-main"])
    #expect(try await Self.problem(of: shop)?.contains("no predictor is named \"nobody\"") == true)
  }

  @Test func `a name that is taken is named, and what is there is left alone`() async throws {
    let shop = try await TunedShop()
    let other = SimulatedCluster.object(
      SimulatedCluster.experiment.replacing("name: embedder,", with: "name: embedder-main,")
        .replacing("kind: Inference, name: embedder", with: "kind: Inference, name: other"))
    let made = try await shop.client.create(.profilingExperiments, other)
    try await shop.apply()
    try await shop.steps(3)
    let problem = try #require(try await Self.problem(of: shop))
    #expect(problem.contains("shop/embedder-main") && problem.contains("delete it"))
    #expect(shop.experiments.map(\.uid) == [made.uid])
  }
}
