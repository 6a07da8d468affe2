import Controllers
import CustomResources
import Kubernetes
import Testing
import Transport

/// Recommendations on their way to the pods of a real node, in Deployments as KubeDL's controller
/// makes them: once, and never looked at again.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.skipping))
struct WriteBackClusterTests {
  @Test func `the pods run what was recommended, and after a rollback what they ran before`()
    async throws
  {
    try await ProductionShop.with { shop in
      let before = try await shop.deployment()
      try await shop.recommend(["target": ["cpu": "150m", "memory": "48Mi"], "env": ["WORD": "b"]])
      let applied = try await shop.settled()
      #expect(applied.reason == "RolledOut" && applied.status == .yes, "\(applied)")
      let pods = try await shop.pods()
      #expect(pods.map(ProductionShop.values) == ["150m/150m 48Mi/48Mi b"])
      // A node's routes follow a little later than a Deployment's status.
      try await eventually("the new pod answers") { try await shop.answer() == "b" }
      #expect(try await shop.deployment().uid == before.uid)

      let rollback = Rollback(shop.client, inference: shop.key, predictor: nil)
      try await eventually("the old pods are back", within: .seconds(300)) {
        try await rollback.advance(at: .now()).allSatisfy { !$0.stage.isUnderWay }
      }
      #expect(try await shop.pods().map(ProductionShop.values) == ["100m/100m 32Mi/32Mi a"])
      try await eventually("the old word is back") { try await shop.answer() == "a" }
      // A daemon, new or old, leaves it at that.
      for _ in 0..<5 { try await shop.reconcile() }
      let condition = try await shop.applied()
      #expect(condition?.reason == "RolledBack", "\(String(describing: condition))")
      #expect(try await shop.pods().map(ProductionShop.values) == ["100m/100m 32Mi/32Mi a"])
      let template = try await shop.deployment().spec?["template"]
      #expect(template == before.spec?["template"])
    }
  }

  @Test func `a recommendation that doesn't get ready goes back, and the service never stops`()
    async throws
  {
    try await ProductionShop.with { shop in
      // Too little to start in.
      try await shop.recommend(["target": ["cpu": "100m", "memory": "4Mi"]])
      var failures = 0
      let start = ContinuousClock.now
      while try await shop.applied()?.reason != "RolledBack" {
        try #require(ContinuousClock.now - start < .seconds(300), "it never went back")
        try await shop.reconcile()
        if try await shop.answer() != "a" { failures += 1 }
        let applied = try await shop.applied()
        try #require(
          applied.map { $0.status != .yes } ?? true, "\(applied?.message ?? "")")
        try await Task.sleep(for: .milliseconds(500))
      }
      #expect(failures == 0)
      let applied = try #require(try await shop.applied())
      #expect(applied.message.contains("0 are ready"), "\(applied.message)")
      #expect(try await shop.pods().map(ProductionShop.values) == ["100m/100m 32Mi/32Mi a"])
      let inference = try await shop.client.get(.inferences, shop.key)
      #expect(WriteBackRecord.all(of: inference)["main"]?.state == .rolledBack)
    }
  }

  @Test func `a test that fails on a real server is a conflict`() async throws {
    try await ProductionShop.with { shop in
      let place = JSONPointer(["spec", "framework"])
      for operation in [
        JSONPatch.Operation.test(place, "Other"), .test(JSONPointer(["metadata", "x"]), "1"),
      ] {
        let reason = try await failure {
          _ = try await shop.client.patch(.inferences, shop.key, .json(JSONPatch([operation])))
        }
        #expect(reason == .invalid([]))
      }
    }
  }

  @Test func `the service's Services never select a candidate`() async throws {
    try await ProductionShop.with { shop in
      try await shop.search()
      var seen: Set<String> = []
      let start = ContinuousClock.now
      while try await !shop.candidates().contains(where: { PodStatus($0).isReady }) {
        try #require(ContinuousClock.now - start < .seconds(120), "no candidate was ready")
        try await shop.reconcile()
        seen.formUnion(try await shop.addresses(behind: shop.key.name))
        try await Task.sleep(for: .milliseconds(100))
      }
      for _ in 0..<10 {
        seen.formUnion(try await shop.addresses(behind: shop.key.name))
        try await Task.sleep(for: .milliseconds(200))
      }
      let production = Set(try await shop.pods().compactMap { $0.status?["podIP"]?.string })
      let candidates = try await shop.candidates().compactMap { $0.status?["podIP"]?.string }
      #expect(!candidates.isEmpty && production.isDisjoint(with: candidates))
      #expect(seen == production)
    }
  }
}

/// A service in production, with a namespace of its own.
struct ProductionShop: Sendable {
  let client: Client
  let namespace: String

  static func with(_ body: @Sendable (ProductionShop) async throws -> Void) async throws {
    _ = try await SchemaServer.ready()
    try await TestCluster.with(.real) { cluster in
      let shop = ProductionShop(client: cluster.client, namespace: cluster.namespace)
      let settings: JSONValue = ["image": .string(TestImages.server)]
      _ = try await cluster.client.create(
        .configMaps,
        KubernetesObject(
          .configMaps, cluster.key(MorphlingConfiguration.name), content: ["data": settings]))
      try await shop.install()
      try await body(shop)
    }
  }

  var key: ObjectKey { ObjectKey(namespace: namespace, name: "echo") }

  private func object(_ yaml: String) throws -> KubernetesObject {
    try KubernetesObject(yaml: yaml, in: namespace)
  }

  /// The Inference, and what KubeDL's controller makes of it.
  private func install() async throws {
    let inference = try await client.create(.inferences, object(Self.inference))
    let predictors = Inference.decode(inference).inference.predictors
    for predictor in predictors {
      let objects = PredictorObjects(predictor, of: inference, model: nil)
      var deployment = objects.deployment
      deployment.annotations = [:]
      _ = try await client.create(.deployments, deployment)
    }
    let entry = PredictorObjects.entry(to: predictors, of: inference)
    _ = try await client.create(.services, entry)
    try await eventually("it serves", within: .seconds(300)) {
      let deployment = try await deployment()
      let answer = try await answer()
      return DeploymentStatus(deployment).isRolledOut && answer == "a"
    }
  }

  // MARK: The daemon's part

  func search() async throws {
    _ = try await client.create(.profilingExperiments, object(Self.experiment))
  }

  /// An experiment that has ended with a recommendation.
  func recommend(_ recommendation: JSONValue) async throws {
    var experiment = try object(Self.experiment)
    experiment.annotations[ClusterNames.mode] = "Apply"
    experiment = try await client.create(.profilingExperiments, experiment)
    var members = recommendation.object ?? JSONObject()
    members["containerName"] = "predictor"
    members["summary"] = "as recommended"
    let status: JSONValue = [
      "phase": "Succeeded", "observedGeneration": .integer(experiment.generation),
      "recommendation": .object(members),
    ]
    _ = try await client.patch(
      .profilingExperiments, experiment.key, .merge(["status": status]), subresource: .status)
  }

  func reconcile() async throws {
    let context = ControllerContext(
      client: client, namespace: namespace, now: { Timestamp.now() }, notify: { _ in })
    _ = try await ExperimentController(context).reconcile(key)
  }

  func applied() async throws -> Condition? {
    try await client.get(.profilingExperiments, key).conditions["Applied"]
  }

  /// What has become of the recommendation once nothing more is to come.
  func settled() async throws -> Condition {
    try await eventually("the recommendation is settled", within: .seconds(300)) {
      try await reconcile()
      return try await ExperimentSnapshot.read(key, from: client).isSettled
    }
    return try #require(try await applied())
  }

  // MARK: What runs

  func deployment() async throws -> KubernetesObject {
    try await client.get(.deployments, ObjectKey(namespace: namespace, name: "echo-main"))
  }

  /// Those that are to stay.
  func pods() async throws -> [KubernetesObject] {
    let production = PredictorObjects.objects(of: "echo")
    return try await client.list(.pods, Selection(namespace: namespace, labels: production)).items
      .filter { !$0.isBeingDeleted }
  }

  func candidates() async throws -> [KubernetesObject] {
    let role = LabelSelector([ClusterNames.roleLabel: "candidate"])
    return try await client.list(.pods, Selection(namespace: namespace, labels: role)).items
  }

  private static let endpoints = ResourceKind(
    version: "v1", plural: "endpoints", kind: "Endpoints")

  /// Addresses to which a Service sends, ready or not.
  func addresses(behind service: String) async throws -> Set<String> {
    let place = ObjectKey(namespace: namespace, name: service)
    let subsets = try await client.find(Self.endpoints, place)?.json["subsets"]?.array ?? []
    let entries = subsets.flatMap { subset in
      ["addresses", "notReadyAddresses"].flatMap { subset[$0]?.array ?? [] }
    }
    return Set(entries.compactMap { $0["ip"]?.string })
  }

  /// `cpu memory WORD`, limits and requests.
  static func values(_ pod: KubernetesObject) -> String {
    let containers = pod.spec?["containers"]?.array ?? []
    guard let container = containers.first.map(Container.init) else { return "" }
    let amounts = ["cpu", "memory"].map {
      "\(container.limit($0) ?? "")/\(container.request($0) ?? "")"
    }
    return (amounts + [container.value(ofVariable: "WORD") ?? ""]).joined(separator: " ")
  }

  /// What the Service of the Inference answers.
  func answer() async throws -> String? { try await client.answer(of: key) }

  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: echo}
    spec:
      framework: Stand-in
      predictors:
        - name: main
          template:
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: predictor
                  image: \(TestImages.server)
                  imagePullPolicy: IfNotPresent
                  command: [sh, -c]
                  args:
                    - |
                      mkdir -p /www && echo $WORD >/www/index.html
                      x=$(head -c 6291456 /dev/zero | tr '\\0' x); y=$x
                      exec httpd -f -p 8090 -h /www
                  env: [{name: WORD, value: a}]
                  ports: [{name: http-port, containerPort: 8090}]
                  readinessProbe: {httpGet: {path: /index.html, port: 8090}, periodSeconds: 1}
                  lifecycle: {preStop: {exec: {command: [sleep, "0.5"]}}}
                  resources:
                    limits: {cpu: 0.10, memory: 32768Ki}
    """

  static let experiment = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: echo}
    spec:
      targetRef: {kind: Inference, name: echo}
      objective: {type: maximize, objectiveMetricName: throughput_rps}
      constraints: [{metricName: p99, max: 250ms}]
      samplingLimit: 100%
      serviceProgressDeadline: 15s
      tunableParameters:
        - category: resource
          parameters:
            - {name: cpu, parameterType: discrete, feasibleSpace: {list: [100m, 150m]}}
            - {name: memory, parameterType: discrete, feasibleSpace: {list: [4Mi, 32Mi, 48Mi]}}
        - category: env
          parameters:
            - {name: WORD, parameterType: categorical, feasibleSpace: {list: [a, b]}}
    """
}
