import Controllers
import CustomResources
import Kubernetes
import Testing
import Tuning

/// Inferences served without KubeDL.
struct ServingControllerTests {
  @Test func `a predictor gets a Deployment and a Service with KubeDL's names and labels`()
    async throws
  {
    let shop = try await ServedShop()
    try await shop.reconcile()
    let deployment = try shop.deployment("embedder-main")
    #expect(deployment.controller?.name == "embedder")
    #expect(deployment.spec?["replicas"] == 2)
    let pod = PodTemplate(deployment.spec?["template"] ?? [:])
    #expect(pod.metadata.labels["kubedl.io/inference-name"] == "embedder")
    #expect(pod.metadata.labels["kubedl.io/predictor-name"] == "main")
    #expect(pod.metadata.labels["team"] == "search")
    #expect(pod.containers.first?.value(ofVariable: "BATCH_SIZE") == "8")
    let service = try await shop.client.get(.services, shop.key("embedder-main"))
    #expect(service.spec?["ports"]?.array?.first?["port"] == 8080)
    #expect(service.spec?["ports"]?.array?.first?["targetPort"] == "http-port")
    let entry = try await shop.client.get(.services, shop.key("embedder"))
    #expect(entry.controller?.name == "embedder")
    for selecting in [service, entry] {
      #expect(ServedShop.selector(of: selecting).matches(pod.metadata.labels))
    }
    #expect(shop.reasons.contains("PredictorDeploymentCreated"))
  }

  @Test func `nothing is written again while nothing changes`() async throws {
    let shop = try await ServedShop()
    for _ in 0..<3 { try await shop.reconcile() }
    let before = try shop.deployment("embedder-main")
    let status = try await shop.inference.resourceVersion
    let heard = shop.reasons.count
    for _ in 0..<3 { #expect(try await shop.reconcile() == .never) }
    #expect(try shop.deployment("embedder-main") == before)
    #expect(try await shop.inference.resourceVersion == status)
    #expect(shop.reasons.count == heard)
  }

  @Test func `what the server fills in, or someone scales, is no reason to write`() async throws {
    let shop = try await ServedShop()
    try await shop.reconcile()
    let key = shop.key("embedder-main")
    let defaults: JSONValue = [
      "spec": [
        "replicas": 5, "progressDeadlineSeconds": 600,
        "template": ["spec": ["dnsPolicy": "ClusterFirst", "restartPolicy": "Always"]],
      ]
    ]
    let filled = try await shop.client.patch(.deployments, key, .merge(defaults))
    try await shop.reconcile()
    #expect(try shop.deployment("embedder-main").resourceVersion == filled.resourceVersion)
  }

  @Test func `a changed spec reaches the Deployment, and what went from it goes`() async throws {
    let shop = try await ServedShop()
    try await shop.reconcile()
    let uid = try shop.deployment("embedder-main").uid
    try await shop.change { yaml in
      yaml.replacing("replicas: 2", with: "replicas: 3").replacing("cpu: \"2\"", with: "cpu: 1500m")
        .replacing("nodeSelector: {disk: fast}", with: "priority: 0")
    }
    try await shop.reconcile()
    let deployment = try shop.deployment("embedder-main")
    #expect(deployment.uid == uid)
    #expect(deployment.spec?["replicas"] == 3)
    let template = PodTemplate(deployment.spec?["template"] ?? [:])
    #expect(template.containers.first?.limit("cpu") == "1500m")
    #expect(template.json["spec"]?["nodeSelector"] == nil)
    #expect(shop.reasons.contains("PredictorDeploymentUpdated"))
    let settled = try await shop.inference.resourceVersion
    try await shop.reconcile()
    #expect(try await shop.inference.resourceVersion == settled)
  }

  @Test func `predictors come and go, each with its own status`() async throws {
    let shop = try await ServedShop()
    try await shop.change { $0 + ServedShop.predictor("second") + ServedShop.predictor("third") }
    try await shop.reconcile()
    #expect(
      shop.names(.deployments) == ["embedder-main", "embedder-second", "embedder-third"])
    try await shop.ready("embedder-main", pods: 2)
    try await shop.ready("embedder-second", pods: 1)
    try await shop.ready("embedder-third", pods: 1)
    try await shop.reconcile()
    let statuses = try await shop.inference.status?["predictorStatuses"]?.array ?? []
    #expect(statuses.map { $0["name"] } == ["main", "second", "third"])
    #expect(statuses.map { $0["readyReplicas"] } == [2, 1, 1])
    #expect(statuses.map { $0["trafficPercent"] } == [50, 25, 25])
    #expect(statuses.last?["endpoint"] == "embedder-third.shop.svc")
    #expect(try await shop.inference.status?["inferenceEndpoint"] == "embedder.shop.svc")
    #expect(try await shop.inference.conditions["Ready"]?.status == .yes)
    try await shop.change { _ in ServedShop.inference + ServedShop.predictor("third") }
    try await shop.reconcile()
    #expect(shop.names(.deployments) == ["embedder-main", "embedder-third"])
    #expect(shop.names(.services) == ["embedder", "embedder-main", "embedder-third"])
  }

  @Test func `a foreign object of a predictor's name is left alone, and named`() async throws {
    let shop = try await ServedShop()
    let foreign = KubernetesObject(
      .deployments, shop.key("embedder-main"),
      labels: [PredictorObjects.inferenceLabel: "embedder"],
      content: ["spec": ["replicas": 7, "selector": ["matchLabels": ["a": "b"]]]])
    let before = try await shop.client.create(.deployments, foreign)
    for _ in 0..<2 { #expect(try await shop.reconcile() != .never) }
    #expect(try shop.deployment("embedder-main") == before)
    let condition = try await shop.inference.conditions["Ready"]
    #expect(condition?.reason == "NameTaken")
    #expect(condition?.message.contains("shop/embedder-main") == true)
    #expect(shop.reasons.filter { $0 == "NameTaken" }.count == 1)
    try await shop.change { _ in ServedShop.inference.replacing("name: main", with: "name: other") }
    try await shop.reconcile()
    #expect(shop.names(.deployments) == ["embedder-main", "embedder-other"])
  }

  @Test func `a Deployment whose selector can't take the new pods is made anew`() async throws {
    let shop = try await ServedShop()
    let old = KubernetesObject(
      .deployments, shop.key("embedder-main"),
      labels: [PredictorObjects.inferenceLabel: "embedder"],
      owners: try await OwnerReference(controller: shop.inference).map { [$0] } ?? [],
      content: ["spec": ["selector": ["matchLabels": [.init(PredictorObjects.versionLabel): "v1"]]]]
    )
    let uid = try await shop.client.create(.deployments, old).uid
    for _ in 0..<2 { try await shop.reconcile() }
    #expect(try shop.deployment("embedder-main").uid != uid)
    #expect(try shop.deployment("embedder-main").spec?["replicas"] == 2)
  }
}
