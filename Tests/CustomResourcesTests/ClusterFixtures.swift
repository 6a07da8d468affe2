import CustomResources
import Kubernetes
import Testing
import Tuning

/// Live objects that the tests read.
enum ClusterFixtures {
  static let inference: KubernetesObject = {
    var object = parsed(Fixtures.inference)
    object.namespace = "shop"
    object.setMetadata("uid", "uid-1")
    return object
  }()

  static let experiment: KubernetesObject = {
    var object = parsed(Fixtures.experiment)
    object.namespace = "shop"
    object.setMetadata("uid", "uid-2")
    object.setMetadata("generation", 3)
    return object
  }()

  static func parsed(_ yaml: String) -> KubernetesObject {
    KubernetesObject(Manifest(yaml, file: "fixture").documents.first?.value ?? .null)
  }

  static func definition() throws -> ExperimentDefinition {
    let (definition, diagnostics) = ExperimentDefinition.decode(experiment, inference: inference)
    return try #require(definition, "\(diagnostics)")
  }

  static let time = Timestamp(seconds: 1_700_000_000)

  static func measurement(_ rate: Double) -> Measurement {
    Measurement(
      values: [.throughput: rate, .latencyP99: 42.5, .memory: 0.5],
      intervals: [.throughput: Interval(lower: rate, upper: rate * 1.1)])
  }
}
