import Controllers
import CustomResources
import Kubernetes
import Simulation
import Testing
import Tuning

/// From a manifest and options to the objects in a cluster.
@Suite struct ExperimentSubmissionTests {
  private let cluster = SimulatedCluster()
  private let both = SimulatedCluster.inference + "\n---\n" + SimulatedCluster.experiment

  @Test func `the Inference is made too, and isn't tuned by itself as well`() async throws {
    let submitted = try await submit(both)
    #expect(submitted.inferenceMade == "embedder")
    let inference = try #require(cluster.server.objects(.inferences).first)
    #expect(inference.annotations[ClusterNames.tuning] == "off")
    #expect(inference.namespace == "shop")
    let settings = MorphlingConfiguration.settings(of: inference, cluster: nil).settings
    #expect(settings.tuning == .off)
    #expect(try cluster.experiment.spec?["maxNumTrials"] == 8)
  }

  @Test func `an Inference that is there stays as it is, and a difference is told`() async throws {
    let client = cluster.client
    _ = try await client.create(.inferences, SimulatedCluster.object(SimulatedCluster.inference))
    let before = cluster.server.objects(.inferences)
    let same = try await submit(both)
    #expect(same.inferenceMade == nil)
    #expect(same.notes.isEmpty)
    let other = both.replacing("server:1", with: "server:2")
    #expect(try await submit(other).notes.first?.contains("differs") == true)
    #expect(cluster.server.objects(.inferences) == before)
  }

  @Test func `an experiment alone tunes the Inference in the cluster`() async throws {
    let client = cluster.client
    _ = try await client.create(.inferences, SimulatedCluster.object(SimulatedCluster.inference))
    let submitted = try await submit(SimulatedCluster.experiment)
    #expect(submitted.definition.baseline.description == "cpu=2 memory=1Gi THREADS=1")
  }

  @Test func `an Inference of the cluster can be tuned by its name alone`() async throws {
    let client = cluster.client
    _ = try await client.create(.inferences, SimulatedCluster.object(SimulatedCluster.inference))
    let submitted = try await ExperimentSubmission(client).submit(
      .init(manifests: [], inference: "embedder", mode: .apply, namespace: "shop"))
    #expect(submitted.definition.derivedText != nil)
    let made = try cluster.experiment
    #expect(made.spec?["targetRef"]?["name"] == "embedder")
    #expect(made.annotations[ClusterNames.mode] == "Apply")
  }

  @Test func `options are written into the experiment and mean the same there`() async throws {
    let overrides = Overrides(
      bounds: [try .init("p99=50ms"), try .init("error-rate=0.2%")], budget: try Budget("50%"),
      parallelism: 3, objective: try Overrides.objective("minimize cost"))
    let submitted = try await submit(both, overrides)
    let inference = SimulatedCluster.object(SimulatedCluster.inference)
    let (read, _) = ExperimentDefinition.decode(try cluster.experiment, inference: inference)
    let definition = try #require(read)
    #expect(definition.constraints == submitted.definition.constraints)
    #expect(definition.constraints.map(\.maximum).sorted() == [0.002, 50])
    #expect(definition.limits == submitted.definition.limits)
    #expect(definition.limits.trialsMax == 12)
    #expect(definition.parallelism == 3)
    #expect(definition.objective == submitted.definition.objective)
  }

  @Test func `asking again finds what is there, and another spec is refused`() async throws {
    _ = try await submit(both)
    let before = try cluster.experiment
    #expect(try await submit(both).wasThere)
    #expect(try cluster.experiment == before)
    let key = SimulatedCluster.key
    await #expect(throws: ClusterCommandError.taken(key)) {
      _ = try await submit(both, Overrides(parallelism: 2))
    }
  }

  @Test func `an experiment that was canceled goes on when it is asked for again`() async throws {
    try await cluster.install(experiment: nil)
    _ = try await submit(both)
    _ = try await Cancellation(cluster.client).request(SimulatedCluster.key, at: cluster.now)
    try await cluster.run()
    let ended = try await snapshot()
    #expect(ended.isCancelled && ended.isSettled)
    _ = try await submit(both)
    #expect(try await !snapshot().isSettled)
    let last = try await cluster.run { $0.status?["phase"] == "Succeeded" }
    #expect(last.status?["phase"] == "Succeeded")
  }

  @Test func `what isn't there is named, with what is meant perhaps`() async throws {
    let client = cluster.client
    _ = try await client.create(.inferences, SimulatedCluster.object(SimulatedCluster.inference))
    let error = await #expect(throws: ClusterCommandError.self) {
      _ = try await ExperimentSubmission(client).submit(
        .init(manifests: [], inference: "embeder", namespace: "shop"))
    }
    #expect(
      error?.description
        == "Inference shop/embeder: not in the cluster; did you mean \"embedder\"?")
    #expect(cluster.server.objects(.profilingExperiments).isEmpty)
  }

  @Test func `without the kinds nothing is made, and it is said how they come in`() async throws {
    let server = InMemoryAPIServer(kinds: ResourceKind.builtIn, namespaces: ["shop"])
    let client = Client.inMemory(server)
    let error = await #expect(throws: ClusterCommandError.self) {
      _ = try await ExperimentSubmission(client).submit(request(both))
    }
    #expect(error?.description.contains("morphling manifests crds | kubectl apply -f -") == true)
    await #expect(throws: ClusterCommandError.notInstalled(.profilingExperiments)) {
      _ = try await ExperimentSnapshot.overviews(in: nil, from: client)
    }
  }

  @Test func `what is wrong is told before anything is made`() async throws {
    let wrong = both.replacing("throughput_rps / cost", with: "happiness")
    let error = await #expect(throws: ClusterCommandError.self) { _ = try await submit(wrong) }
    #expect(error?.description.contains("happiness") == true)
    #expect(cluster.server.objects(.inferences).isEmpty)
  }

  // MARK: -

  private func request(
    _ yaml: String, _ overrides: Overrides = Overrides()
  ) -> SubmittedExperiment.Request {
    .init(
      manifests: [Manifest(yaml, file: "service.yaml")], overrides: overrides, namespace: "shop")
  }

  private func submit(
    _ yaml: String, _ overrides: Overrides = Overrides()
  ) async throws -> ExperimentSubmission.Submitted {
    try await ExperimentSubmission(cluster.client).submit(request(yaml, overrides))
  }

  private func snapshot() async throws -> ExperimentSnapshot {
    try await .read(SimulatedCluster.key, from: cluster.client)
  }
}
