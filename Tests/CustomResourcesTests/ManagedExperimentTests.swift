import CustomResources
import Kubernetes
import Testing
import Tuning

/// What the daemon's experiments are made of, and what tells them apart.
@Suite struct ManagedExperimentTests {
  private static let inference = ClusterFixtures.inference

  private static func predictor(_ edit: (inout JSONObject) -> Void) -> KubernetesObject {
    var inference = inference
    var predictors = inference.spec?["predictors"]?.array ?? []
    var predictor = predictors[0].object ?? JSONObject()
    edit(&predictor)
    predictors[0] = .object(predictor)
    inference.set(.array(predictors), at: ["spec", "predictors"])
    return inference
  }

  @Test func `names count the generations, and stay labels`() {
    func name(_ inference: String, _ generation: Int) -> String {
      ClusterNames.experiment(of: inference, predictor: "main", generation: generation)
    }
    #expect(name("embedder", 1) == "embedder-main")
    #expect(name("embedder", 2) == "embedder-main-g2")
    let long = String(repeating: "long", count: 20)
    #expect(name(long, 2).utf8.count <= 63 && name(long, 2) != name(long, 3))
  }

  @Test func `it knows its predictor, generation and revision again`() throws {
    var settings = InferenceSettings()
    settings.mode = .apply
    let made = ManagedExperiment.make(
      for: Self.inference, predictor: "main", settings: settings, generation: 3,
      earlier: ["a", "b"]
    ).object
    let object = try #require(made)
    #expect(object.annotations[ClusterNames.mode] == "Apply")
    #expect(object.annotations[ClusterNames.earlier] == "a,b")
    let managed = try #require(ManagedExperiment(object, of: Self.inference))
    #expect(managed.predictor == "main" && managed.generation == 3)
    #expect(managed.revision == ServedRevision(Self.inference, predictor: "main"))
    var other = Self.inference
    other.setMetadata("uid", "another")
    #expect(ManagedExperiment(object, of: other) == nil)
    var foreign = object
    foreign.labels[ClusterNames.managedLabel] = nil
    #expect(ManagedExperiment(foreign, of: Self.inference) == nil)
  }

  @Test func `a revision survives its text, whatever the order`() throws {
    let revision = try #require(ServedRevision(Self.inference, predictor: "main"))
    #expect(ServedRevision(revision.text) == revision)
    #expect(ServedRevision("[]") == nil && ServedRevision("{") == nil)
    #expect(
      ServedRevision(#"{"image": "a", "framework": "b"}"#)
        == ServedRevision(#"{"framework": "b", "image": "a"}"#))
  }

  @Test func `nothing, in whatever form, is nothing`() {
    let bare = Self.predictor { $0["modelVersion"] = nil }
    let empty = Self.predictor { $0["modelVersion"] = "" }
    #expect(
      ServedRevision(bare, predictor: "main") == ServedRevision(empty, predictor: "main"))
  }

  @Test func `a GPU keeps its price where the settings name only others`() throws {
    let inference = Self.predictor { predictor in
      predictor["template"] = [
        "spec": [
          "containers": [
            [
              "name": "predictor", "image": "server:1",
              "resources": ["limits": ["cpu": "2", "nvidia.com/gpumem": "8192"]],
            ]
          ]
        ]
      ]
    }
    var settings = InferenceSettings()
    settings.cost = [["resource": "cpu", "pricePerHour": 1]]
    func resources() throws -> [String] {
      let made = ManagedExperiment.make(for: inference, predictor: "main", settings: settings)
      return try #require(made.object, "\(made.diagnostics)").spec?["cost"]?.array?
        .compactMap { $0["resource"]?.string } ?? []
    }
    #expect(try resources() == ["cpu", "nvidia.com/gpumem"])
    settings.cost = [["resource": "nvidia.com/gpumem", "pricePerHour": 2]]
    #expect(try resources() == ["nvidia.com/gpumem"])
  }

  @Test func `what is wrong with one predictor is no other's problem`() throws {
    var inference = Self.inference
    let predictors = inference.spec?["predictors"]?.array ?? []
    inference.set(.array(predictors + [["name": "broken"]]), at: ["spec", "predictors"])
    let main = ManagedExperiment.make(
      for: inference, predictor: "main", settings: InferenceSettings())
    #expect(main.object != nil && !main.diagnostics.hasErrors)
    let broken = ManagedExperiment.make(
      for: inference, predictor: "broken", settings: InferenceSettings())
    #expect(broken.object == nil)
    #expect(broken.diagnostics.errors.first?.location.contains("spec.predictors[1]") == true)
  }
}
