import CustomResources
import Kubernetes
import Testing
import Tuning

@Suite struct CandidateObjectsTests {
  @Test func `the objects of a trial are as a reviewer would want them`() throws {
    let objects = try candidate()
    let all = [objects.deployment, objects.service, job(objects)].map(\.json)
    try expectGolden(YAMLText.encode(all), "candidate.yaml")
  }

  @Test func `all are owned by the trial and labelled as ours`() throws {
    let objects = try candidate()
    for object in [objects.deployment, objects.service, job(objects)] {
      #expect(object.isOwned(by: Self.trial))
      #expect(object.labels["morphling.kubedl.io/trial"] == "embedder-1")
      #expect(object.labels["morphling.kubedl.io/experiment"] == "embedder")
      #expect(object.labels["app.kubernetes.io/managed-by"] == "morphling")
      #expect(object.namespace == "shop")
    }
  }

  /// KubeDL's Services select by its labels, others by whatever the template has.
  @Test func `no Service of the production can select a candidate`() throws {
    let labels = try candidate().deployment.spec?["template"]?["metadata"]?["labels"]
    for label in ["kubedl.io/inference-name", "kubedl.io/predictor-name", "app"] {
      #expect(labels?[label] == nil, "\(label)")
    }
    #expect(labels?.object?.count == 5)
  }

  @Test func `the Service and the Deployment select the candidate and not its stress test`() throws
  {
    let objects = try candidate()
    let labels = try #require(objects.service.spec?["selector"])
    let selector = try #require(LabelSelector(["matchLabels": labels]))
    let pod = objects.deployment.spec?["template"]?["metadata"]?["labels"]
    let stress = job(objects).spec?["template"]?["metadata"]?["labels"]
    #expect(selector.matches(texts(pod)))
    #expect(!selector.matches(texts(stress)))
  }

  @Test func `the tuned container asks for what it may use`() throws {
    let container = try tuned(candidate())
    #expect(container.json["resources"]?["limits"] == container.json["resources"]?["requests"])
    #expect(container.limit("aliyun.com/gpu-mem") == "4")
    #expect(container.limit("nvidia.com/gpucores") == "50")
  }

  @Test func `volumes, init containers and what nobody here knows stay`() throws {
    let spec = try candidate().deployment.spec?["template"]?["spec"]
    #expect(spec?["initContainers"]?.array?.first?["name"] == "prepare")
    #expect(spec?["volumes"]?.array?.first?["name"] == "cache")
    #expect(spec?["runtimeClassName"] == "nvidia")
    #expect(spec?["restartPolicy"] == nil)
    // A candidate has no users to take leave of.
    #expect(spec?["terminationGracePeriodSeconds"] == 5)
    let ports = try tuned(candidate()).json["ports"]?.array
    #expect(ports?.first?["hostPort"] == nil && ports?.first?["containerPort"] == 8090)
  }

  @Test func `a model version is loaded as KubeDL loads it`() throws {
    let model = ModelLoading(image: "models/a:3", modelVersion: "mv-1", path: nil)
    let spec = try candidate(model).deployment.spec?["template"]?["spec"]
    let loader = spec?["initContainers"]?.array?.last
    #expect(loader?["name"] == "kubedl-model-loader" && loader?["image"] == "models/a:3")
    #expect(loader?["securityContext"]?["allowPrivilegeEscalation"] == false)
    for container in spec?["containers"]?.array ?? [] {
      #expect(container["volumeMounts"]?.array?.last?["mountPath"] == "/kubedl-model/mv-1")
      #expect(Container(container).value(ofVariable: "KUBEDL_MODEL_PATH") == "/kubedl-model/mv-1")
    }
  }

  @Test func `the plan reaches the stress test through the kubelet unchanged`() throws {
    let plan = #"{"body":"$(HOME) costs $5, $$(X)"}"#
    let job = try candidate().job(image: "m:1", plan: plan, deadline: .seconds(60))
    let container = try #require(
      job.spec?["template"]?["spec"]?["containers"]?.array?.first.map(Container.init))
    let command = ContainerCommand(container)
    let variable = command.environment.first { $0.name == "MORPHLING_STRESS_PLAN" }
    #expect(variable?.value == plan)
    #expect(job.spec?["activeDeadlineSeconds"] == 60)
  }

  @Test func `an embedded pod template becomes a candidate too`() throws {
    let (definition, diagnostics) = ExperimentDefinition.decode(
      ClusterFixtures.parsed(Fixtures.upstream), inference: nil)
    let found = try #require(definition, "\(diagnostics)")
    let objects = try CandidateObjects(
      trial: Self.trial, experiment: "x", definition: found, target: try #require(found.target),
      configuration: found.space.configuration(at: 0))
    #expect(objects.deployment.spec?["template"]?["spec"]?["containers"]?.array?.isEmpty == false)
  }

  // MARK: Fixtures

  private static let trial: KubernetesObject = {
    var trial = KubernetesObject(.trials, ObjectKey(namespace: "shop", name: "embedder-1"))
    trial.setMetadata("uid", "uid-3")
    return trial
  }()

  private static let inference: KubernetesObject = {
    var object = ClusterFixtures.inference
    let patch = JSONPatch([
      .add(pointer("/metadata"), ["labels": ["app": "embedder"], "annotations": ["team": "a"]]),
      .add(pointer("/spec/volumes"), [["name": "cache", "emptyDir": [:]]]),
      .add(pointer("/spec/initContainers"), [["name": "prepare", "image": "busybox"]]),
      .add(pointer("/spec/runtimeClassName"), "nvidia"),
      .add(pointer("/spec/restartPolicy"), "Always"),
      .add(pointer("/spec/containers/1/ports/0/hostPort"), 8_090),
      .add(pointer("/spec/containers/1/resources/limits/nvidia.com~1gpucores"), 50),
    ])
    object.json = (try? patch.applied(to: object.json)) ?? .null
    return object
  }()

  private static func pointer(_ text: String) -> JSONPointer {
    JSONPointer(text: "/spec/predictors/0/template" + text) ?? .root
  }

  private func candidate(_ model: ModelLoading? = nil) throws -> CandidateObjects {
    let (definition, diagnostics) = ExperimentDefinition.decode(
      ClusterFixtures.experiment, inference: Self.inference)
    let found = try #require(definition, "\(diagnostics)")
    return try CandidateObjects(
      trial: Self.trial, experiment: "embedder", definition: found,
      target: try #require(found.target), configuration: found.space.configuration(at: 0),
      model: model)
  }

  private func job(_ objects: CandidateObjects) -> KubernetesObject {
    objects.job(image: "registry.example/morphling:1", plan: "{}", deadline: .seconds(600))
  }

  private func tuned(_ objects: CandidateObjects) throws -> Container {
    let containers = objects.deployment.spec?["template"]?["spec"]?["containers"]?.array
    return try #require(containers?.map(Container.init).first { $0.name == "predictor" })
  }

  private func texts(_ labels: JSONValue?) -> [String: String] {
    Dictionary(
      (labels?.object?.members ?? []).map { ($0.key, $0.value.string ?? "") },
      uniquingKeysWith: { $1 })
  }
}
