import CustomResources
import Kubernetes
import Testing
import Tuning

/// What a cluster is given for the manifest of a run on one machine.
@Suite struct SubmittedExperimentTests {
  @Test func `an experiment for one machine is one for a cluster`() throws {
    let submitted = try submit(Fixtures.service)
    let experiment = submitted.experiment
    #expect(experiment.key == ObjectKey(namespace: "shop", name: "embedder"))
    #expect(experiment.apiVersion == "morphling.kubedl.io/v1alpha1")
    #expect(experiment.spec == ClusterFixtures.parsed(Fixtures.experiment).spec)
    let inference = try #require(submitted.inference)
    #expect(inference.spec == ClusterFixtures.parsed(Fixtures.inference).spec)
  }

  @Test func `upstream's experiment gets our group, and needs no Inference`() throws {
    let submitted = try submit(Fixtures.upstream, namespace: "serving-tests")
    #expect(submitted.experiment.apiVersion == "morphling.kubedl.io/v1alpha1")
    #expect(submitted.experiment.spec?["targetRef"] == nil)
    #expect(submitted.inference == nil)
  }

  @Test func `an experiment without targetRef names the Inference beside it`() throws {
    let text = Fixtures.service.replacing(
      "  targetRef:\n    kind: Inference\n    name: embedder\n    predictor: main\n"
        + "    container: predictor\n", with: "")
    try #require(!text.contains("targetRef"))
    let target = try submit(text).experiment.spec?["targetRef"]
    #expect(target?["name"] == "embedder")
    #expect(target?["predictor"] == "main")
    #expect(target?["container"] == "predictor")
  }

  @Test func `a file for the body comes along, and means the same`() throws {
    let text = Fixtures.service.replacing(
      "body: '{\"text\": \"hello\"}'", with: "bodyFile: request.json"
    )
    .replacing("headers:\n      Content-Type: application/json\n    ", with: "")
    try #require(text.contains("bodyFile"))
    let submitted = try submit(text) { path in
      path == "request.json" ? Array("{\"a\": 1}".utf8) : nil
    }
    let test = submitted.experiment.spec?["stressTest"]
    #expect(test?["bodyFile"] == nil)
    #expect(test?["body"] == "{\"a\": 1}")
    let (read, _) = ExperimentDefinition.decode(
      submitted.experiment, inference: submitted.inference)
    var before = try #require(Fixtures.decode(text).definition?.stressTest)
    before.body = .bytes(Array("{\"a\": 1}".utf8))
    #expect(read?.stressTest == before)
    #expect(problems(text).contains("no readable file \"request.json\""))
    #expect(problems(text) { _ in [0xFF, 0xFE] }.contains("UTF-8"))
  }

  @Test func `a pod needs an image where a process needs none`() {
    let text = Fixtures.service.replacing("image: triton\n", with: "imagePullPolicy: Always\n")
    #expect(!Fixtures.decode(text).diagnostics.hasErrors)
    #expect(
      problems(text).contains(
        "Inference embedder: spec.predictors[0].template.spec.containers[1].image: nothing; "
          + "a pod needs an image"))
  }

  @Test func `all objects are in one namespace`() {
    let text = Fixtures.service.replacing(
      "metadata:\n  name: embedder\nspec:\n  framework",
      with: "metadata:\n  name: embedder\n  namespace: elsewhere\nspec:\n  framework")
    #expect(SubmittedExperiment.namespace(of: [Manifest(text, file: "x")]) == "elsewhere")
    #expect(problems(text).contains("\"elsewhere\"; all objects have to be in one namespace"))
  }

  @Test func `only an Inference can be written to`() throws {
    var request = request(Fixtures.upstream, namespace: "serving-tests")
    request.mode = .apply
    let error = #expect(throws: Diagnostics.self) {
      _ = try SubmittedExperiment(request, live: nil)
    }
    #expect(error?.description.contains("--mode: an experiment with a pod template") == true)
    request.mode = .off
    let experiment = try SubmittedExperiment(request, live: nil).experiment
    #expect(experiment.annotations[ClusterNames.mode] == "Off")
  }

  @Test func `the Inference in the cluster counts before the one in the file`() throws {
    var live = ClusterFixtures.inference
    live.annotations = ["a": "b"]
    live.spec =
      ClusterFixtures.parsed(
        Fixtures.inference.replacing("cpu: \"1\"", with: "cpu: \"2\"")
      ).spec
    let submitted = try SubmittedExperiment(request(Fixtures.service), live: live)
    #expect(submitted.inference == nil)
    #expect(submitted.definition.baseline["cpu"]?.text == "2")
  }

  // MARK: -

  private func request(
    _ text: String, namespace: String = "shop",
    body: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
  ) -> SubmittedExperiment.Request {
    .init(
      manifests: [Manifest(text, file: "service.yaml")], namespace: namespace, bodyFile: body)
  }

  private func submit(
    _ text: String, namespace: String = "shop",
    body: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
  ) throws -> SubmittedExperiment {
    try SubmittedExperiment(request(text, namespace: namespace, body: body), live: nil)
  }

  private func problems(
    _ text: String, body: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
  ) -> String {
    do throws(Diagnostics) {
      _ = try SubmittedExperiment(request(text, body: body), live: nil)
      return ""
    } catch {
      return error.description
    }
  }
}
