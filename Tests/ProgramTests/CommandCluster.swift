import CustomResources
import Foundation
import Kubernetes
import Testing
import Transport
import Tuning

/// Waits until a condition holds; a test that waits in vain fails.
func eventually(
  _ what: Comment, within limit: Duration = .seconds(120),
  _ condition: () async throws -> Bool
) async throws {
  let start = ContinuousClock.now
  while try await !condition() {
    try #require(ContinuousClock.now - start < limit, what)
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// A namespace in the cluster that `KUBECONFIG` names, for the program's commands. The tests play
/// the daemon's part.
struct CommandCluster: Sendable {
  let client: Client
  let namespace: String

  static let isThere = !(ProcessInfo.processInfo.environment["KUBECONFIG"] ?? "").isEmpty
  static let skipping: Comment = "KUBECONFIG names no cluster: nothing was tested on a real one"

  private static func configuration() throws -> ClusterConfiguration {
    try .found { text, file in Manifest(text, file: file).documents.first?.value ?? .null }
  }

  static func with(_ body: (CommandCluster) async throws -> Void) async throws {
    let namespace = "morphling-test-" + UUID().uuidString.prefix(8).lowercased()
    let cluster = CommandCluster(
      client: try .live(configuration(), rate: 200, burst: 200, manager: "tests"),
      namespace: namespace)
    try await cluster.install()
    let object = KubernetesObject(.namespaces, ObjectKey(name: namespace))
    _ = try await cluster.client.create(.namespaces, object)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(cluster)) } catch { outcome = .failure(error) }
    try await cluster.client.delete(.namespaces, object.key)
    try outcome.get()
  }

  private func install() async throws {
    let definitions = CustomResourceDefinitions.all() + [CustomResourceDefinitions.inference()]
    for definition in definitions {
      let object = KubernetesObject(definition)
      if try await client.find(.customResourceDefinitions, object.key) == nil {
        _ = try? await client.create(.customResourceDefinitions, object)
      }
    }
    for kind in [ResourceKind.profilingExperiments, .trials, .inferences] {
      try await eventually("\(kind.plural) are served") { try await client.serves(kind) }
    }
  }

  /// A kubeconfig without a user.
  static func strangersKubeconfig() throws -> String {
    let configuration = try configuration()
    let authority: Data? =
      switch configuration.authority {
      case .text(let bytes): Data(bytes)
      case .file(let path): FileManager.default.contents(atPath: path)
      case nil: nil
      }
    let data = authority.map { ", certificate-authority-data: \($0.base64EncodedString())" } ?? ""
    return """
      current-context: c
      contexts: [{name: c, context: {cluster: c}}]
      clusters: [{name: c, cluster: {server: "\(configuration.server)"\(data)}}]
      """
  }

  /// Runs the program in this namespace.
  func run(_ arguments: String..., in folder: String? = nil) throws -> Morphling.Result {
    try started(arguments, in: folder).finished()
  }

  func started(_ arguments: [String], in folder: String? = nil) throws -> Morphling.Running {
    try Morphling.started(arguments + ["--namespace", namespace], in: folder)
  }

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

  static let service = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: embedder}
    spec:
      framework: Triton
      predictors:
        - name: main
          replicas: 0
          template:
            spec:
              containers:
                - name: predictor
                  image: localhost/nothing:1
                  env: [{name: THREADS, value: "1"}]
                  ports: [{containerPort: 8000}]
                  resources: {limits: {cpu: "2", memory: 1Gi}}
    ---
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: embedder}
    spec:
      targetRef: {kind: Inference, name: embedder}
      objective: {type: maximize, objectiveMetricName: throughput_rps / cost}
      constraints: [{metricName: p99, max: 100ms}]
      cost: [{resource: cpu, pricePerHour: 0.04}, {base: 0.02}]
      maxNumTrials: 4
      samplingLimit: 100%
      stressTest: {path: /answer, body: hello}
      tunableParameters:
        - category: resource
          parameters:
            - {name: cpu, parameterType: discrete, feasibleSpace: {list: ["1", "2", "4"]}}
        - category: env
          parameters:
            - {name: THREADS, parameterType: int, feasibleSpace: {list: ["1", "2"]}}
    """
}

// MARK: - The daemon's part

extension CommandCluster {
  /// Makes trials of the first configurations, all but the last of them measured, and writes the
  /// experiment's status; then the same with all of them, and the end.
  func search(_ name: String, stage: ExperimentStage, measured: Int) async throws {
    let experiment = try await client.get(.profilingExperiments, key(name))
    let inference = try await client.find(.inferences, key(name))
    let (read, problems) = ExperimentDefinition.decode(experiment, inference: inference)
    let definition = try #require(read, "\(problems)")
    var study = definition.study(seed: 1)
    let start = Timestamp.now()
    let others = (0..<study.space.count).map { study.space.configuration(at: $0) }
      .filter { $0 != definition.baseline }
    for ordinal in 0..<4 {
      let configuration = ordinal == 0 ? definition.baseline : others[ordinal - 1]
      let trial = try await made(ordinal, configuration, of: experiment, definition)
      let outcome = ordinal < measured ? Self.outcome(ordinal) : .pending
      let status = TrialStatus(
        of: trial, outcome: outcome, phase: .running, detail: "the stress test runs", study: study,
        configuration: configuration, at: start + .seconds(10 * ordinal))
      if let patch = status.patch(of: trial) {
        _ = try await client.patch(.trials, trial.key, .merge(patch), subresource: .status)
      }
      study.trials.append(
        Trial(ordinal: ordinal, configuration: configuration, outcome: outcome))
    }
    let status = ExperimentStatus(of: experiment, stage, study: study, running: 1, at: start)
    if let patch = status.patch(of: experiment) {
      _ = try await client.patch(
        .profilingExperiments, experiment.key, .merge(patch), subresource: .status)
    }
  }

  private func made(
    _ ordinal: Int, _ configuration: Configuration, of experiment: KubernetesObject,
    _ definition: ExperimentDefinition
  ) async throws -> KubernetesObject {
    let trial = TrialObject.make(
      of: experiment, ordinal: ordinal, configuration: configuration,
      parameters: definition.space.parameters)
    if let present = try await client.find(.trials, trial.key) { return present }
    return try await client.create(.trials, trial)
  }

  private static func outcome(_ ordinal: Int) -> Outcome {
    if ordinal == 2 {
      return .infeasible(
        Infeasibility(.outOfMemory, .starting, detail: "the kernel killed container predictor"))
    }
    return .measured(
      Measurement(values: [
        .throughput: 100 + 20 * Double(ordinal), .latencyP99: 50, .errorRate: 0, .memory: 0.5,
      ]))
  }
}

// MARK: - A recommendation that was written

extension CommandCluster {
  /// As the daemon writes it.
  func apply(_ name: String, cpu: String) async throws {
    let manifest = Manifest(Self.service, file: "fixture")
    if try await client.find(.inferences, key(name)) == nil {
      for document in manifest.documents {
        var object = KubernetesObject(document.value)
        object.namespace = namespace
        let kind: ResourceKind = object.kind == "Inference" ? .inferences : .profilingExperiments
        _ = try await client.create(kind, object)
      }
    }
    let inference = try await client.get(.inferences, key(name))
    let experiment = try await client.get(.profilingExperiments, key(name))
    let (read, problems) = ExperimentDefinition.decode(experiment, inference: inference)
    let writer = try #require(read?.writer, "\(problems)")
    let level = try #require(read?.space[ParameterName("cpu")]?.domain.level(reading: cpu))
    let configuration = Configuration([.init(name: "cpu", level: level)])
    let record = WriteBackRecord(
      of: experiment, container: "predictor", changes: try writer.changes(bringing: configuration),
      deadline: .seconds(60), at: .now())
    var patch = try writer.patch(for: configuration)
    patch.operations +=
      try WriteBackRecord.patch(inference, setting: record, of: "main").operations
    _ = try await client.patch(.inferences, key(name), .json(patch))
  }

  private static let limits = JSONPointer([
    "spec", "predictors", "0", "template", "spec", "containers", "0", "resources", "limits",
  ])

  func edit(_ name: String, _ resource: String, from old: String, to new: String) async throws {
    let place = Self.limits.appending(resource)
    let patch = JSONPatch([.test(place, .string(old)), .replace(place, .string(new))])
    _ = try await client.patch(.inferences, key(name), .json(patch))
  }

  func cpu(of name: String) async throws -> String? {
    try await client.get(.inferences, key(name)).json[Self.limits.appending("cpu")]?.scalarText
  }
}
