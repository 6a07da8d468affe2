package import CustomResources
package import Kubernetes

/// Brings an experiment into a cluster.
package struct ExperimentSubmission: Sendable {
  /// What became of it.
  package struct Submitted: Sendable {
    package let experiment: KubernetesObject
    package let definition: ExperimentDefinition
    /// Sentences for the user.
    package let notes: [String]
    package let warnings: [Problem]
    /// Nil where nothing had to be made, or the experiment has a pod template.
    package let inferenceMade: String?
    /// Whether the same experiment was there before.
    package let wasThere: Bool
  }

  private let client: Client

  package init(_ client: Client) { self.client = client }

  /// Checks everything, then makes the Inference where there is none, and the experiment.
  ///
  /// An Inference that is there stays as it is. Asking for the same experiment again finds the one
  /// that is there.
  /// - Throws: `ClusterCommandError`, or what the API server says.
  package func submit(_ request: SubmittedExperiment.Request) async throws -> Submitted {
    let live = try await inference(of: request)
    let submitted: SubmittedExperiment
    do {
      submitted = try SubmittedExperiment(request, live: live)
    } catch {
      throw ClusterCommandError.invalid(error)
    }
    try await checkInstalled(submitted)
    let existing = try await client.find(.profilingExperiments, submitted.experiment.key)
    if let existing, !existing.holds(submitted.experiment) {
      throw ClusterCommandError.taken(submitted.experiment.key)
    }
    var made: String?
    if let inference = submitted.inference { made = try await make(inference) }
    let experiment: KubernetesObject
    if let existing {
      experiment = try await resumed(existing)
    } else {
      experiment = try await make(submitted)
    }
    return Submitted(
      experiment: experiment, definition: submitted.definition,
      notes: notes(request, live: live), warnings: submitted.warnings, inferenceMade: made,
      wasThere: existing != nil)
  }

  /// The Inference in the cluster; nil where there is none and the request brings one or needs
  /// none.
  private func inference(
    of request: SubmittedExperiment.Request
  ) async throws -> KubernetesObject? {
    guard let name = SubmittedExperiment.inferenceName(of: request) else { return nil }
    let key = ObjectKey(namespace: request.namespace, name: name)
    let isGiven = Self.given(request, name) != nil
    return isGiven
      ? try await client.find(.inferences, key) : try await client.named(.inferences, key)
  }

  private static func given(
    _ request: SubmittedExperiment.Request, _ name: String
  ) -> Document? {
    request.manifests.flatMap(\.documents).first {
      $0.kind == "Inference" && $0.metadata.name == name
    }
  }

  private func checkInstalled(_ submitted: SubmittedExperiment) async throws {
    var kinds: [ResourceKind] = [.profilingExperiments]
    if submitted.inference != nil { kinds.append(.inferences) }
    for kind in kinds where !(try await client.serves(kind)) {
      throw ClusterCommandError.notInstalled(kind)
    }
  }

  /// One that was canceled goes on.
  private func resumed(_ experiment: KubernetesObject) async throws -> KubernetesObject {
    guard experiment.annotations[ClusterNames.cancel] != nil else { return experiment }
    return try await client.patch(
      .profilingExperiments, experiment.key, .annotation(ClusterNames.cancel, nil))
  }

  /// Nil where somebody else has made it meanwhile.
  private func make(_ inference: KubernetesObject) async throws -> String? {
    do {
      return try await client.create(.inferences, inference).name
    } catch let failure as APIFailure where failure.reason == .alreadyExists {
      return nil
    }
  }

  private func make(_ submitted: SubmittedExperiment) async throws -> KubernetesObject {
    do {
      return try await client.create(.profilingExperiments, submitted.experiment)
    } catch let failure as APIFailure where failure.reason == .alreadyExists {
      let key = submitted.experiment.key
      let existing = try await client.named(.profilingExperiments, key)
      guard existing.holds(submitted.experiment) else { throw ClusterCommandError.taken(key) }
      return existing
    }
  }

  private func notes(
    _ request: SubmittedExperiment.Request, live: KubernetesObject?
  ) -> [String] {
    guard let live, let given = Self.given(request, live.name),
      !(live.spec ?? .null).holds(given.value["spec"] ?? .null)
    else { return [] }
    return [
      "Inference \(live.key) is in the cluster already and differs from that of \(given.file): the "
        + "one in the cluster is tuned, and stays as it is"
    ]
  }
}

extension KubernetesObject {
  /// Whether the object says all that another one asks for: the server adds defaults.
  fileprivate func holds(_ asked: KubernetesObject) -> Bool {
    let wanted = asked.annotations[ClusterNames.mode]
    return (spec ?? .null).holds(asked.spec ?? .null)
      && annotations[ClusterNames.mode] ?? "Off" == wanted ?? "Off"
  }
}

extension JSONValue {
  /// Whether every member of another value is in this one; numbers and texts are equal by their
  /// spelling.
  fileprivate func holds(_ other: JSONValue) -> Bool {
    switch (self, other) {
    case (.object(let object), .object(let asked)):
      return asked.members.allSatisfy { key, value in object[key]?.holds(value) ?? false }
    case (.array(let array), .array(let asked)):
      return array.count == asked.count && zip(array, asked).allSatisfy { $0.holds($1) }
    default: return self == other || (scalarText != nil && scalarText == other.scalarText)
    }
  }
}
