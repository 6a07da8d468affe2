import Controllers
import CustomResources
import Kubernetes
import Simulation
import Synchronization
import Testing
import Tuning

/// `morphling rollback`, without its command line.
@Suite struct RollbackTests {
  private static func rollback(
    _ shop: RecommendedShop, _ predictor: String? = nil
  ) -> Rollback {
    Rollback(shop.client, inference: SimulatedCluster.key, predictor: predictor)
  }

  @Test func `the old values are back in Inference and Deployment, and stay`() async throws {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 6)
    let rollback = Self.rollback(shop)
    var progress = try await rollback.advance(at: shop.cluster.now)
    #expect(progress.map(\.predictor) == ["main"] && !progress[0].wasDone)
    #expect(progress[0].stage.reason == "RollingBack")
    #expect(try shop.values() == RecommendedShop.old)
    #expect(try shop.deployedValues() == RecommendedShop.oldDeployed)
    for _ in 0..<2 { try await shop.cluster.node.advance() }
    progress = try await rollback.advance(at: shop.cluster.now)
    #expect(progress[0].stage.reason == "RolledBack" && progress[0].wasDone)
    // The daemon hears of it, says so, and leaves it at that, also after a restart.
    try await shop.pass(rounds: 8)
    #expect(try shop.values() == RecommendedShop.old)
    #expect(try shop.applied?.reason == "RolledBack")
    #expect(try shop.applied?.message.contains("morphling rollback") == true)
  }

  @Test func `the Inference is as it was`() async throws {
    let shop = try await RecommendedShop()
    let before = try shop.inference.spec
    try await shop.pass(rounds: 6)
    #expect(try shop.inference.spec != before)
    _ = try await Self.rollback(shop).advance(at: shop.cluster.now)
    #expect(try shop.inference.spec == before)
  }

  @Test func `in the middle of a rollout it wins`() async throws {
    let shop = try await RecommendedShop { $0 == 1 }
    try await shop.pass(rounds: 2)
    #expect(try shop.applied?.reason == "RollingOut")
    _ = try await Self.rollback(shop).advance(at: shop.cluster.now)
    try await shop.pass(rounds: 6)
    #expect(try shop.deployedValues() == RecommendedShop.oldDeployed)
    #expect(try shop.values() == RecommendedShop.old && shop.applied?.reason == "RolledBack")
  }

  @Test func `a Deployment that the daemon serves goes back with its Inference`() async throws {
    let shop = try await RecommendedShop(isMadeByKubeDL: false)
    _ = try await ServingController(shop.cluster.context).reconcile(SimulatedCluster.key)
    try await shop.pass(rounds: 6, serving: true)
    #expect(try shop.deployedValues() == RecommendedShop.new)
    _ = try await Self.rollback(shop).advance(at: shop.cluster.now)
    try await shop.pass(rounds: 6, serving: true)
    #expect(try shop.deployedValues() == RecommendedShop.old)
    #expect(try shop.applied?.reason == "RolledBack")
  }

  @Test func `another experiment may write again`() async throws {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 6)
    _ = try await Self.rollback(shop).advance(at: shop.cluster.now)
    try await shop.pass(rounds: 4)
    _ = try await shop.client.patch(
      .profilingExperiments, SimulatedCluster.key, .merge(["spec": ["maxNumTrials": 9]]))
    try await shop.conclude()
    try await shop.pass(rounds: 6)
    #expect(try shop.values() == RecommendedShop.new && shop.applied?.reason == "RolledOut")
  }

  @Test func `values that were changed since are left alone`() async throws {
    let shop = try await RecommendedShop()
    try await shop.pass(rounds: 6)
    var inference = try shop.inference
    let text = JSONText.encode(inference.json).replacing("\"512Mi\"", with: "\"3Gi\"")
    inference = KubernetesObject(try JSONReader.decode(text))
    _ = try await shop.client.replace(.inferences, inference)
    let progress = try await Self.rollback(shop).advance(at: shop.cluster.now)
    guard case .changedSince(let differences) = progress[0].stage else {
      Issue.record("\(progress)")
      return
    }
    // What the annotation holds was changed along with it, which the test doesn't mind.
    #expect(differences.isEmpty == false)
    #expect(try shop.values().contains("memory=3Gi"))
  }

  @Test func `where nothing was written there is nothing to take back`() async throws {
    let shop = try await RecommendedShop(mode: "Propose")
    try await shop.pass()
    await #expect(throws: ClusterCommandError.self) {
      try await Self.rollback(shop).advance(at: shop.cluster.now)
    }
    let applied = try await RecommendedShop()
    try await applied.pass()
    let error = await #expect(throws: ClusterCommandError.self) {
      try await Self.rollback(applied, "mian").advance(at: applied.cluster.now)
    }
    #expect(error?.description.contains("known: main") == true)
    let missing = Rollback(
      applied.client, inference: ObjectKey(namespace: "shop", name: "embeder"), predictor: nil)
    let unknown = await #expect(throws: ClusterCommandError.self) {
      try await missing.advance(at: applied.cluster.now)
    }
    #expect(unknown?.description.contains("did you mean \"embedder\"?") == true)
  }

  /// Whoever takes it back may die in between, and ask again.
  @Test(arguments: [false, true])
  func `at whatever call it dies, asking again finishes it`(afterPerforming: Bool) async throws {
    for index in 0..<8 {
      let shop = try await RecommendedShop()
      try await shop.pass(rounds: 6)
      let count = Atomic(0)
      shop.server.fail(with: .serverError(500), afterPerforming: afterPerforming) { call in
        call.kind != .pods && count.add(1, ordering: .relaxed).oldValue == index
      }
      for _ in 0..<4 {
        _ = try? await Self.rollback(shop).advance(at: shop.cluster.now)
        try? await shop.cluster.node.advance()
      }
      #expect(try shop.values() == RecommendedShop.old, "call \(index)")
      #expect(try shop.deployedValues() == RecommendedShop.oldDeployed, "call \(index)")
    }
  }
}
