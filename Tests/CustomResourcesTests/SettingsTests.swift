import CustomResources
import Kubernetes
import Testing
import Tuning

@Suite struct SettingsTests {
  @Test func `the Inference goes before its namespace, and that before the cluster`() {
    let (settings, problems) = settings(
      cluster: ["mode": "Off", "slo": "p99=100ms", "budget": "10"],
      namespace: ["mode": "Propose", "budget": "20"],
      annotations: ["mode": "Apply"])
    #expect(problems.isEmpty)
    #expect(settings.mode == .apply)
    #expect(settings.budget == .trials(20))
    #expect(settings.bounds == [try? Overrides.Bound("p99=100ms")])
  }

  @Test func `only an Inference can ask for itself, and any source can switch off`() {
    #expect(settings(annotations: ["tuning": "on"]).0.isAskedFor)
    #expect(!settings(cluster: ["tuning": "on"]).0.isAskedFor)
    let off = settings(cluster: ["tuning": "on"], annotations: ["tuning": "off"]).0
    #expect(!off.tunes("main"))
  }

  @Test func `predictors are all, or those that are named`() {
    #expect(settings().0.tunes("any"))
    let some = settings(annotations: ["predictors": "main, canary"]).0
    #expect(some.tunes("canary") && !some.tunes("other"))
  }

  @Test func `what is said of a framework goes before what is said of all`() {
    let all =
      "[{category: env, parameters: [{name: A, parameterType: discrete, feasibleSpace: {list: ['1']}}]}]"
    let one = all.replacing("name: A", with: "name: B")
    let found = settings(cluster: ["search-space.Triton": one, "search-space": all]).0
    let name = found.tunableParameters?.array?.first?["parameters"]?.array?.first?["name"]
    #expect(name == "B")
  }

  @Test(arguments: [
    ("mode", "Always", "\"Always\""), ("tuning", "maybe", "\"maybe\""),
    ("slo", "p99=fast", "\"fast\" for latency_p99_ms"), ("budget", "0", "a budget of 0"),
    ("parallelism", "none", "\"none\""), ("min-allowed", "cpu=lots", "cpu=lots"),
    ("objective", "a +", "a +"), ("modes", "Off", "unknown setting"),
    ("search-space", "a: b", "\"a: b\""), ("image", "x", "is not used here"),
    ("trial-deadline", "0s", "\"0s\""),
  ])
  func `a wrong setting is named with its place`(key: String, text: String, found: String) {
    let (settings, problems) = settings(annotations: [key: text])
    #expect(problems.count == 1)
    let message = problems.first.map(\.description) ?? ""
    #expect(message.hasPrefix("Inference shop/embedder: metadata.annotations["), "\(message)")
    #expect(message.contains("morphling.kubedl.io/\(key)"), "\(message)")
    #expect(message.contains(found), "\(message)")
    #expect(settings == InferenceSettings())
  }

  @Test func `our own annotations are no settings`() {
    #expect(settings(annotations: ["recommendation": "{}", "previous": "{}"]).1.isEmpty)
  }

  @Test func `quota and bounds are amounts by name`() {
    let found = settings(
      cluster: ["quota": "trials=3, cpu=8,nvidia.com/gpu=2"],
      annotations: ["max-allowed": "memory=4Gi"]
    ).0
    #expect(found.quota.trials == 3)
    #expect(found.quota.resources["nvidia.com/gpu"]?.amount == 2)
    #expect(found.allowed.most["memory"]?.spelling == "4Gi")
  }

  @Test func `a Prometheus is the root of one, for the whole cluster`() {
    let (found, none) = settings(cluster: ["prometheus": "http://prometheus.monitoring:9090/"])
    #expect(none.isEmpty)
    #expect(found.prometheus?.description == "http://prometheus.monitoring:9090")
    let (wrong, problems) = settings(cluster: ["prometheus": "prometheus"])
    #expect(wrong.prometheus == nil)
    #expect(problems.first?.description.contains("http://prometheus.monitoring:9090") == true)
    let (ignored, warnings) = settings(namespace: ["prometheus": "http://elsewhere"])
    #expect(ignored.prometheus == nil)
    #expect(warnings.count == 1)
  }

  // MARK: The experiment that follows

  @Test func `the daemon's experiment follows the settings and can be decoded`() throws {
    let found = settings(
      cluster: ["slo": "p99=80ms", "budget": "12", "objective": "minimize latency_p99_ms * cost"]
    ).0
    let inference = Self.inference
    let (made, problems) = ManagedExperiment.make(
      for: inference, predictor: "main", settings: found)
    #expect(problems.errors.isEmpty, "\(problems)")
    let experiment = try #require(made)
    #expect(experiment.name == "embedder-main")
    #expect(experiment.isOwned(by: inference))
    #expect(experiment.labels[ClusterNames.managedLabel] == "true")
    let (definition, diagnostics) = ExperimentDefinition.decode(experiment, inference: inference)
    #expect(!diagnostics.hasErrors, "\(diagnostics)")
    #expect(definition?.limits.trialsMax == 12)
    #expect(definition?.objective.direction == .minimize)
    #expect(definition?.constraints.map(\.maximum) == [80])
  }

  @Test func `an experiment of a live object names the object in its problems`() throws {
    var (object, _) = ManagedExperiment.make(
      for: Self.inference, predictor: "main", settings: InferenceSettings())
    object?.set(["type": "sideways"], at: ["spec", "objective"])
    let (definition, problems) = ExperimentDefinition.decode(
      try #require(object), inference: Self.inference)
    #expect(definition == nil)
    #expect(
      problems.errors.first?.location
        == "ProfilingExperiment shop/embedder-main: spec.objective.type")
  }

  private static let inference = ClusterFixtures.inference

  private func settings(
    cluster: [String: String] = [:], namespace: [String: String] = [:],
    annotations: [String: String] = [:]
  ) -> (InferenceSettings, [Problem]) {
    var inference = Self.inference
    inference.annotations = Dictionary(
      uniqueKeysWithValues: annotations.map { (ClusterNames.prefix + $0.key, $0.value) })
    let (settings, diagnostics) = MorphlingConfiguration.settings(
      of: inference, cluster: map("morphling-system", cluster), namespace: map("shop", namespace))
    return (settings, diagnostics.problems)
  }

  private func map(_ namespace: String, _ data: [String: String]) -> KubernetesObject {
    KubernetesObject(
      .configMaps, ObjectKey(namespace: namespace, name: MorphlingConfiguration.name),
      content: ["data": .object(JSONObject(data.map { ($0.key, .string($0.value)) }))])
  }
}
