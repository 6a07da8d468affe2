import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// A cluster in memory where an experiment has just ended with a recommendation: 1 core, 512Mi and
/// three threads in place of 2 cores, 1Gi and one.
struct RecommendedShop {
  let cluster: SimulatedCluster

  /// - Parameters:
  ///   - isMadeByKubeDL: whether KubeDL's controller has made the predictor's Deployment.
  ///   - getsReady: whether pods with so many threads become ready.
  init(
    mode: String? = "Apply", inference: String = SimulatedCluster.inference,
    isMadeByKubeDL: Bool = true,
    getsReady: @escaping @Sendable (_ threads: Double) -> Bool = { _ in true }
  ) async throws {
    cluster = SimulatedCluster { deployment in
      getsReady(SimulatedCluster.configuration(of: deployment).threads)
        ? .serves(result: "") : .neverReady
    }
    _ = try await client.create(.inferences, SimulatedCluster.object(inference))
    var experiment = SimulatedCluster.object(SimulatedCluster.experiment)
    if let mode { experiment.annotations[ClusterNames.mode] = mode }
    _ = try await client.create(.profilingExperiments, experiment)
    try await conclude()
    if isMadeByKubeDL { try await makeDeployment() }
  }

  var server: InMemoryAPIServer { cluster.server }
  var client: Client { cluster.client }

  /// Ends the search of the experiment as it is now.
  func conclude() async throws {
    let generation = try cluster.experiment.generation
    let status: JSONValue = [
      "phase": "Succeeded", "observedGeneration": .integer(generation),
      "recommendation": [
        "summary": "cpu=1 memory=512Mi THREADS=3", "predictorName": "main",
        "containerName": "predictor", "target": ["cpu": "1", "memory": "512Mi"],
        "uncappedTarget": ["cpu": "1", "memory": "4Gi"], "env": ["THREADS": "3"],
        "evidence": ["shareSampled": 0.25, "reason": "as measured"],
      ],
    ]
    _ = try await client.patch(
      .profilingExperiments, SimulatedCluster.key, .merge(["status": status]), subresource: .status)
  }

  /// As KubeDL's controller does it, and the API server after it: once, with other spellings.
  func makeDeployment(of name: String = "main") async throws {
    let inference = try inference
    let predictor = try #require(
      Inference.decode(inference).inference.predictors.first { $0.name == name })
    var deployment = PredictorObjects(predictor, of: inference, model: nil).deployment
    deployment.annotations = ["deployment.kubernetes.io/revision": "1"]
    let text = JSONText.encode(deployment.json).replacing("\"2\"", with: "\"2000m\"")
    _ = try await client.create(.deployments, KubernetesObject(try JSONReader.decode(text)))
    for _ in 0..<2 { try await cluster.node.advance() }
  }

  // MARK: Time

  /// A daemon's rounds, and what the node makes of them; a round may fail.
  func pass(rounds: Int = 4, client: Client? = nil, serving: Bool = false) async throws {
    let context = ControllerContext(
      client: client ?? cluster.client, namespace: "morphling-system", now: { cluster.now },
      notify: cluster.context.notify)
    for _ in 0..<rounds {
      _ = try? await ExperimentController(context).reconcile(SimulatedCluster.key)
      if serving { _ = try? await ServingController(context).reconcile(SimulatedCluster.key) }
      try? await cluster.node.advance()
      cluster.pass(.seconds(3))
    }
  }

  // MARK: What is there

  var inference: KubernetesObject {
    get throws { try #require(server.objects(.inferences).first) }
  }

  func deployment(_ name: String = "embedder-main") throws -> KubernetesObject {
    try #require(server.objects(.deployments).first { $0.name == name })
  }

  var applied: Condition? {
    get throws { try cluster.experiment.conditions["Applied"] }
  }

  func record(_ predictor: String = "main") throws -> WriteBackRecord? {
    WriteBackRecord.all(of: try inference)[predictor]
  }

  /// What the container of a predictor sets: `cpu=1/1 memory=512Mi/512Mi THREADS=3`.
  func values(_ predictor: String = "main") throws -> String {
    let predictors = try inference.spec?["predictors"]?.array ?? []
    let found = try #require(predictors.first { $0["name"]?.string == predictor })
    return Self.values(PodTemplate(found["template"] ?? [:]))
  }

  func deployedValues(_ name: String = "embedder-main") throws -> String {
    Self.values(PodTemplate(try deployment(name).spec?["template"] ?? [:]))
  }

  private static func values(_ template: PodTemplate) -> String {
    guard let container = template.containers.first(where: { $0.name == "predictor" }) else {
      return "no container"
    }
    let resources = ["cpu", "memory"].map { name in
      "\(name)=\(container.limit(name) ?? "-")/\(container.request(name) ?? "-")"
    }
    let threads = container.value(ofVariable: "THREADS") ?? "-"
    return (resources + ["THREADS=\(threads)"]).joined(separator: " ")
  }

  static let old = "cpu=2/- memory=1Gi/- THREADS=1"
  static let new = "cpu=1/1 memory=512Mi/512Mi THREADS=3"
  /// In the Deployment that KubeDL made.
  static let oldDeployed = "cpu=2000m/- memory=1Gi/- THREADS=1"
}
