import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// Models, candidates and mistakes where Inferences are served without KubeDL.
struct ServingModelTests {
  @Test func `a predictor waits for its model, and is served once that is built`() async throws {
    let shop = try await ServedShop()
    try await shop.change {
      $0.replacing("framework: Triton", with: "framework: TFServing")
        .replacing("replicas: 2", with: "modelVersion: mv-1\n      modelPath: /models/minilm")
    }
    #expect(try await shop.reconcile() != .never)
    #expect(shop.names(.deployments).isEmpty)
    #expect(try await shop.inference.conditions["Ready"]?.reason == "ModelNotBuilt")
    try await shop.build("mv-1", image: "models/minilm:1")
    try await shop.reconcile()
    let template = PodTemplate(try shop.deployment("embedder-main").spec?["template"] ?? [:])
    #expect(template.json["spec"]?["initContainers"]?.array?.first?["image"] == "models/minilm:1")
    #expect(template.metadata.labels[PredictorObjects.versionLabel] == "mv-1")
    let container = template.containers.first
    #expect(container?.value(ofVariable: "KUBEDL_MODEL_PATH") == "/models/minilm")
    #expect(container?.value(ofVariable: "MODEL_BASE_PATH") == "/models")
    #expect(container?.value(ofVariable: "MODEL_NAME") == "minilm")
    // The next version rolls out under the same selector.
    let uid = try shop.deployment("embedder-main").uid
    try await shop.build("mv-2", image: "models/minilm:2")
    try await shop.change {
      $0.replacing("framework: Triton", with: "framework: TFServing")
        .replacing("replicas: 2", with: "modelVersion: mv-2\n      modelPath: /models/minilm")
    }
    try await shop.reconcile()
    #expect(try shop.deployment("embedder-main").uid == uid)
    #expect(try shop.deployment("embedder-main").labels[PredictorObjects.versionLabel] == "mv-2")
  }

  @Test func `no Service of the production selects a candidate or its stress test`() async throws {
    let shop = try await ServedShop()
    try await shop.reconcile()
    let experiment = SimulatedCluster.object(SimulatedCluster.experiment)
    let (definition, _) = ExperimentDefinition.decode(
      experiment, inference: try await shop.inference)
    let found = try #require(definition)
    let trial = try await shop.client.create(
      .trials,
      TrialObject.make(
        of: experiment, ordinal: 0, configuration: found.baseline,
        parameters: found.space.parameters))
    let objects = try CandidateObjects(
      trial: trial, experiment: "embedder", definition: found,
      target: try #require(found.target), configuration: found.baseline)
    let job = objects.job(image: "morphling:test", plan: "{}", deadline: .seconds(60))
    let services = shop.server.objects(.services)
    #expect(services.count == 2)
    let production = try shop.deployment("embedder-main")
    for candidate in [objects.deployment, job] {
      let labels = PodTemplate(candidate.spec?["template"] ?? [:]).metadata.labels
      #expect(!labels.isEmpty)
      for service in services { #expect(!ServedShop.selector(of: service).matches(labels)) }
      let selector = production.spec?["selector"].flatMap(LabelSelector.init)
      #expect(selector?.matches(labels) == false)
    }
  }

  @Test func `what isn't served is said once per change`() async throws {
    let shop = try await ServedShop()
    try await shop.change {
      $0.replacing("replicas: 2", with: "autoScale: {maxReplicas: 3, autoScaler: {}}")
    }
    for _ in 0..<3 { try await shop.reconcile() }
    #expect(shop.reasons.filter { $0 == "AutoScaleIgnored" }.count == 1)
  }

  @Test func `an Inference that can't be read says so, and what serves it stays`() async throws {
    let shop = try await ServedShop()
    try await shop.reconcile()
    try await shop.change { $0 + ServedShop.predictor("main") }
    try await shop.reconcile()
    let condition = try await shop.inference.conditions["Ready"]
    #expect(condition?.reason == "Invalid")
    let message = condition?.message ?? ""
    #expect(message.contains("predictors[1].name") && message.contains("main"), "\(message)")
    #expect(shop.names(.deployments) == ["embedder-main"])
  }

  @Test func `deleting the Inference deletes what serves it`() async throws {
    let shop = try await ServedShop()
    try await shop.reconcile()
    try await shop.client.delete(.inferences, ServedShop.key)
    #expect(shop.names(.deployments).isEmpty && shop.names(.services).isEmpty)
    #expect(try await shop.reconcile() == .never)
  }
}
