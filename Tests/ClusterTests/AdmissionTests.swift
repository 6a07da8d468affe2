import CustomResources
import Foundation
import Kubernetes
import Testing
import Transport
import Tuning

/// What a real API server takes and refuses by our schemas. The objects are only tried, so nothing
/// is left behind but the kinds.
@Suite(.enabled(if: SchemaServer.isThere, "KUBECONFIG names no cluster"), .serialized)
struct AdmissionTests {
  // MARK: What is taken

  @Test(arguments: UpstreamManifests.all)
  func `an experiment as upstream writes it is taken and kept`(
    manifest: (name: String, yaml: String)
  ) async throws {
    let server = try await SchemaServer.ready()
    let object = try SchemaServer.object(manifest.yaml)
    let kept = try await server.trial(creating: object)
    for key in ["servicePodTemplate", "clientTemplate", "tunableParameters", "requestTemplate"] {
      #expect(kept.spec?[key] == object.spec?[key], "\(key)")
    }
  }

  @Test func `an experiment with every field is kept as it was written`() async throws {
    let server = try await SchemaServer.ready()
    let object = try SchemaServer.object(InvalidExperiments.valid)
    let kept = try await server.trial(creating: object)
    for (key, value) in object.spec?.object?.members ?? [] {
      #expect(kept.spec?[key] == value, "\(key)")
    }
  }

  @Test func `what is left out has the defaults that the program has`() async throws {
    let server = try await SchemaServer.ready()
    let bare = try SchemaServer.object(InvalidExperiments.bare)
    let kept = try await server.trial(creating: bare)
    #expect(kept.spec?["parallelism"] == 1)
    #expect(kept.spec?["samplingLimit"] == "20%")
    let inference = try SchemaServer.object(InvalidExperiments.inference)
    let (before, _) = ExperimentDefinition.decode(bare, inference: inference)
    let (after, problems) = ExperimentDefinition.decode(kept, inference: inference)
    #expect(!problems.hasErrors, "\(problems)")
    #expect(before?.limits == after?.limits)
    #expect(before?.parallelism == after?.parallelism)
    #expect(before?.progressDeadline == after?.progressDeadline)
    #expect(before?.objective == after?.objective)
    #expect(before?.stressTest == after?.stressTest)
  }

  @Test func `an Inference keeps its pod template whole`() async throws {
    let server = try await SchemaServer.ready()
    let object = try SchemaServer.object(InvalidExperiments.inference)
    let kept = try await server.trial(creating: object)
    #expect(kept.spec == object.spec)
  }

  // MARK: What we write

  /// A status that the server rounds or prunes would be written again and again.
  @Test func `our own statuses are kept whole`() async throws {
    let server = try await SchemaServer.ready()
    var bare = try SchemaServer.object(InvalidExperiments.bare)
    bare.name = "status-" + UUID().uuidString.lowercased().prefix(8)
    let experiment = try await server.client.createObject(.profilingExperiments, bare, nil)
    let status = try recommended(experiment)
    try await server.expectKept(.profilingExperiments, experiment) { status.patch(of: $0) }
    let definition = try definition(of: experiment)
    let new = TrialObject.make(
      of: experiment, ordinal: 0, configuration: definition.space.configuration(at: 3),
      parameters: definition.space.parameters)
    let trial = try await server.client.createObject(.trials, new, nil)
    let trialStatus = TrialStatus(
      of: trial, outcome: .measured(Self.measurement), study: definition.study(seed: 0),
      configuration: definition.space.configuration(at: 3), at: Timestamp(seconds: 1_800_000_000))
    let kept = try await server.expectKept(.trials, trial) { trialStatus.patch(of: $0) }
    let read = try TrialObject(kept, space: definition.space)
    #expect(read.outcome == .measured(Self.measurement))
    #expect(read.configuration == definition.space.configuration(at: 3))
    for (kind, object) in [(ResourceKind.trials, trial), (.profilingExperiments, experiment)] {
      try await server.client.deleteObject(kind, object.key, Deletion())
    }
  }

  private static let measurement = Measurement(
    values: [.throughput: 120.125, .latencyP99: 3, .errorRate: 1e-7, .memory: 0.1 + 0.2],
    intervals: [.throughput: Interval(lower: 118, upper: 130.5)])

  private func definition(of experiment: KubernetesObject) throws -> ExperimentDefinition {
    let inference = try SchemaServer.object(InvalidExperiments.inference)
    let (definition, problems) = ExperimentDefinition.decode(experiment, inference: inference)
    return try #require(definition, "\(problems)")
  }

  private func recommended(_ experiment: KubernetesObject) throws -> ExperimentStatus {
    let definition = try definition(of: experiment)
    var study = definition.study(seed: 0)
    let best = definition.space.configuration(at: 3)
    study.trials = [Trial(ordinal: 0, configuration: best, outcome: .measured(Self.measurement))]
    let recommendation = Recommendation(
      configuration: best, trialOrdinal: 0, expected: [.throughput: 120, .latencyP99: 2.9999],
      intervals: [.throughput: Interval(lower: 1e-9, upper: 1e9)], regretBound: Share(1, of: 3),
      reason: "it was measured")
    let sampling = Sampling(visited: 1, pruned: 0, total: definition.space.count)
    return ExperimentStatus(
      of: experiment,
      .recommended(
        RecommendationStatus(
          recommendation, definition: definition, study: study, sampling: sampling,
          stopReason: .spaceExhausted)),
      study: study, at: Timestamp(seconds: 1_800_000_000))
  }

  // MARK: What is refused

  @Test(arguments: InvalidExperiments.all)
  func `an invalid experiment is refused and the field is named`(
    wrong: InvalidExperiments.Change
  ) async throws {
    let server = try await SchemaServer.ready()
    var object = try SchemaServer.object(InvalidExperiments.valid)
    object.json = try wrong.applied(to: object.json)
    let message = try await server.refusal(creating: object)
    #expect(message?.contains(wrong.field) == true, "\(message ?? "it was taken")")
  }
}

/// A real API server that knows our kinds.
struct SchemaServer {
  let client: Client

  static let isThere = !(ProcessInfo.processInfo.environment["KUBECONFIG"] ?? "").isEmpty

  static func object(_ yaml: String) throws -> KubernetesObject {
    try KubernetesObject(yaml: yaml, in: "default")
  }

  /// Installs the kinds once.
  static func ready() async throws -> SchemaServer { try await installation.value }

  private static let installation = Task {
    let configuration = try ClusterConfiguration.found { text, file in
      Manifest(text, file: file).documents.first?.value ?? .null
    }
    let server = SchemaServer(client: try .live(configuration, rate: 500, burst: 500))
    let version = try await server.client.readServerVersion()
    let kinds =
      CustomResourceDefinitions.all(serverVersion: version)
      + [CustomResourceDefinitions.inference()]
    for kind in kinds.map(KubernetesObject.init) {
      _ = try await server.client.patchObject(
        .customResourceDefinitions, kind.key, .apply(kind, manager: "tests", force: true), nil, nil)
    }
    for kind in [ResourceKind.profilingExperiments, .trials, .inferences] {
      try await server.serves(kind)
    }
    return server
  }

  /// Waits until the server has taken up a kind.
  private func serves(_ kind: ResourceKind) async throws {
    let start = ContinuousClock.now
    while true {
      do {
        _ = try await client.listPage(kind, ListQuery())
        return
      } catch let failure as APIFailure {
        try #require(ContinuousClock.now - start < .seconds(30), "\(failure)")
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// What the server would keep. The object is made and deleted again.
  func trial(creating object: KubernetesObject) async throws -> KubernetesObject {
    let kind = Self.kind(of: object)
    var object = object
    object.name = "\(object.name)-\(UUID().uuidString.lowercased().prefix(8))"
    let kept = try await client.createObject(kind, object, nil)
    try await client.deleteObject(kind, kept.key, Deletion())
    return kept
  }

  /// Why the server refuses an object; nil where it takes it.
  func refusal(creating object: KubernetesObject) async throws -> String? {
    do {
      _ = try await trial(creating: object)
      return nil
    } catch let failure as APIFailure {
      return "\(failure)"
    }
  }

  /// Writes a status and holds that nothing is left to write then.
  @discardableResult
  func expectKept(
    _ kind: ResourceKind, _ object: KubernetesObject,
    _ patch: (KubernetesObject) -> JSONValue?
  ) async throws -> KubernetesObject {
    let first = try #require(patch(object))
    let kept = try await client.patchObject(kind, object.key, .merge(first), .status, nil)
    #expect(patch(kept) == nil)
    return kept
  }

  private static func kind(of object: KubernetesObject) -> ResourceKind {
    object.kind == "Inference" ? .inferences : .profilingExperiments
  }
}
