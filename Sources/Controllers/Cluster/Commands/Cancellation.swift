import CustomResources
package import Kubernetes

/// Ends an experiment in a cluster.
package struct Cancellation: Sendable {
  private let client: Client

  package init(_ client: Client) { self.client = client }

  /// Asks for the end; the daemon then stops what runs and takes it down.
  /// - Returns: the experiment; one that is over is left as it is.
  /// - Throws: `ClusterCommandError` where there is no such experiment.
  package func request(
    _ key: ObjectKey, at now: Timestamp
  ) async throws -> ExperimentSnapshot {
    let snapshot = try await ExperimentSnapshot.read(key, from: client)
    guard !snapshot.phase.isOver else { return snapshot }
    let experiment = try await client.patch(
      .profilingExperiments, key, .annotation(ClusterNames.cancel, "\(now)"))
    return ExperimentSnapshot(
      experiment: experiment, inference: snapshot.inference, trials: snapshot.trials)
  }
}
