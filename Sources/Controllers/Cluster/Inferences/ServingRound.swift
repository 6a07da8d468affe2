import CustomResources
import Kubernetes

/// One look at an Inference, and what is done so that it is served.
struct ServingRound {
  /// What keeps an Inference from being served as it says.
  struct Obstacle: Hashable, Sendable {
    let reason: String
    let message: String
  }

  let context: ControllerContext
  let inference: KubernetesObject
  private var obstacles: [Obstacle] = []

  init(_ context: ControllerContext, _ inference: KubernetesObject) {
    self.context = context
    self.inference = inference
  }

  /// How long until a ModelVersion or a name that is taken is looked at again: nothing wakes us.
  private static let waitingPeriod: Duration = .seconds(10)

  mutating func run() async throws -> Requeue {
    let (read, diagnostics) = Inference.decode(inference)
    guard !diagnostics.hasErrors else {
      // What serves it stays as it is.
      obstacles = [
        Obstacle(
          reason: "Invalid",
          message: diagnostics.errors.map(\.description).joined(separator: "\n"))
      ]
      try await write(predictors: nil)
      return .never
    }
    try await ensure(.services, PredictorObjects.entry(to: read.predictors, of: inference))
    var predictors: [InferenceStatus.Predictor] = []
    for predictor in read.predictors {
      predictors.append(try await serve(predictor, framework: read.framework))
    }
    try await removeOthers(than: read.predictors)
    try await write(predictors: predictors)
    return obstacles.isEmpty ? .never : .after(Self.waitingPeriod)
  }

  // MARK: A predictor

  private mutating func serve(
    _ predictor: Inference.Predictor, framework: String
  ) async throws -> InferenceStatus.Predictor {
    var model: ModelLoading?
    var obstacle: Obstacle?
    do {
      model = try await context.client.model(
        ModelReference(predictor, framework: framework), in: inference.namespace)
    } catch let error as ModelNotBuiltError {
      obstacle = Obstacle(
        reason: ModelNotBuiltError.reason, message: "predictor \(predictor.name): \(error)")
    }
    let objects = PredictorObjects(predictor, of: inference, model: model)
    try await ensure(.services, objects.service)
    var deployment: KubernetesObject?
    if let obstacle {
      // What was served before goes on.
      obstacles.append(obstacle)
      let present = try await context.client.find(.deployments, objects.deployment.key)
      deployment = present.flatMap { $0.isOwned(by: inference) ? $0 : nil }
    } else {
      deployment = try await ensure(.deployments, objects.deployment, of: predictor)
    }
    return InferenceStatus.Predictor(
      name: predictor.name, deployment: deployment, service: objects.service.name)
  }

  private func notifyOfUnserved(_ predictor: Inference.Predictor?) async {
    guard let predictor else { return }
    if predictor.autoScale != nil {
      await notify(
        "AutoScaleIgnored",
        "predictor \(predictor.name): autoScale is not served; it has the replicas that it "
          + "names, and a HorizontalPodAutoscaler of your own may change them",
        severity: .warning)
    }
    if predictor.trafficWeight != nil {
      await notify(
        "TrafficWeightIgnored",
        "predictor \(predictor.name): trafficWeight is not served; the Service spreads "
          + "connections evenly over all pods, so give replicas in that proportion",
        severity: .warning)
    }
  }

  // MARK: Objects

  /// Makes the object, or brings it up to date.
  /// - Returns: the object as it is; nil where something stands against it.
  @discardableResult
  private mutating func ensure(
    _ kind: ResourceKind, _ object: KubernetesObject, of predictor: Inference.Predictor? = nil
  ) async throws -> KubernetesObject? {
    do {
      return try await write(kind, object, of: predictor)
    } catch let failure as APIFailure {
      // A patch that came too late is refused too, but without a cause in a field.
      guard case .invalid(let causes) = failure.reason, !causes.isEmpty else { throw failure }
      obstacles.append(Obstacle(reason: "Refused", message: "\(failure)"))
      return nil
    }
  }

  private mutating func write(
    _ kind: ResourceKind, _ object: KubernetesObject, of predictor: Inference.Predictor?
  ) async throws -> KubernetesObject? {
    guard let present = try await context.client.find(kind, object.key) else {
      // One that came in between is looked at in the next round.
      let made = try await context.client.create(kind, object)
      await notify("Predictor\(kind.kind)Created", "\(kind.kind) \(object.name) was made")
      await notifyOfUnserved(predictor)
      return made
    }
    guard present.isOwned(by: inference) else {
      obstacles.append(
        Obstacle(
          reason: "NameTaken",
          message: "\(ObjectReference(kind, object.key)): is there and isn't this Inference's; "
            + "delete it, or rename the Inference or the predictor"))
      return nil
    }
    guard !present.isBeingDeleted else { return replace(kind, object) }
    if present.annotations[ClusterNames.served] == object.annotations[ClusterNames.served] {
      return present
    }
    if kind == .deployments, !present.selects(object) {
      try await context.client.deleteIfPresent(kind, present.key, present.asRead)
      return replace(kind, object)
    }
    let updated = try await context.client.patch(
      kind, object.key, .json(present.update(to: object)))
    await notify("Predictor\(kind.kind)Updated", "\(kind.kind) \(object.name) has the new spec")
    await notifyOfUnserved(predictor)
    return updated
  }

  /// A Deployment's selector can't be changed: KubeDL's has the model version in it.
  private mutating func replace(
    _ kind: ResourceKind, _ object: KubernetesObject
  ) -> KubernetesObject? {
    obstacles.append(
      Obstacle(
        reason: "Replacing",
        message: "\(ObjectReference(kind, object.key)): is deleted, and made anew after that"))
    return nil
  }

  /// Deletes what served predictors that are no more.
  private func removeOthers(than predictors: [Inference.Predictor]) async throws {
    let selection = Selection(
      namespace: inference.namespace, labels: PredictorObjects.objects(of: inference.name))
    let names = predictors.map { PredictorObjects.deploymentName(inference.name, $0.name) }
    let wanted = Set(names + names.map(ClusterNames.bounded))
      .union([ClusterNames.bounded(inference.name)])
    for kind in [ResourceKind.deployments, .services] {
      for object in try await context.client.list(kind, selection).items
      where !wanted.contains(object.name) && object.isOwned(by: inference)
        && !object.isBeingDeleted
      {
        try await context.client.deleteIfPresent(kind, object.key, object.asRead)
        await notify("Predictor\(kind.kind)Deleted", "\(kind.kind) \(object.name) has no predictor")
      }
    }
  }

  // MARK: Status

  /// Writes the status where it says something new, and tells of a new obstacle.
  private func write(predictors: [InferenceStatus.Predictor]?) async throws {
    let waiting = predictors?.filter { $0.readyReplicas == 0 }.map(\.name) ?? []
    let (isReady, found) =
      if let obstacle = obstacles.first {
        (
          false,
          Obstacle(
            reason: obstacle.reason, message: obstacles.map(\.message).joined(separator: "\n"))
        )
      } else if !waiting.isEmpty {
        (
          false,
          Obstacle(
            reason: "NoPodReady",
            message: "no pod is ready of \(waiting.joined(separator: ", "))")
        )
      } else {
        (true, Obstacle(reason: "Serving", message: "every predictor has a pod that is ready"))
      }
    let status = InferenceStatus(
      of: inference, service: ClusterNames.bounded(inference.name), predictors: predictors,
      isReady: isReady, reason: found.reason, message: found.message, at: context.now())
    guard let patch = status.patch else { return }
    let before = inference.conditions["Ready"]
    _ = try await context.client.patch(
      .inferences, inference.key, .merge(patch), subresource: .status)
    if !obstacles.isEmpty, before?.reason != found.reason || before?.message != found.message {
      await notify(found.reason, found.message, severity: .warning)
    }
  }

  private func notify(
    _ reason: String, _ message: String, severity: Notice.Severity = .normal
  ) async {
    await context.notify(Notice(inference, severity, reason: reason, message))
  }
}

extension KubernetesObject {
  /// Whether a Deployment's selector takes the pods of another one's template.
  fileprivate func selects(_ other: KubernetesObject) -> Bool {
    let labels = PodTemplate(other.spec?["template"] ?? [:]).metadata.labels
    return spec?["selector"].flatMap(LabelSelector.init)?.matches(labels) ?? false
  }

  /// A deletion of just what was read.
  fileprivate var asRead: Deletion {
    Deletion(uid: uid)
  }

  /// What of `object` differs by intention, on condition that this one is still as it was read.
  fileprivate func update(to object: KubernetesObject) -> JSONPatch {
    var operations: [JSONPatch.Operation] = []
    let metadata = JSONPointer(["metadata"])
    if let resourceVersion {
      operations.append(
        .test(metadata.appending("resourceVersion"), .string(resourceVersion)))
    }
    let texts = [
      ("labels", labels.merging(object.labels) { _, new in new }),
      ("annotations", annotations.merging(object.annotations) { _, new in new }),
    ]
    for (name, values) in texts {
      let members = values.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
      operations.append(.add(metadata.appending(name), .object(JSONObject(members))))
    }
    // A Deployment's selector and strategy stay; a Service's address does.
    let fields =
      kind == ResourceKind.deployments.kind ? ["replicas", "template"] : ["selector", "ports"]
    for field in fields {
      guard let value = object.spec?[field] else { continue }
      operations.append(.add(JSONPointer(["spec", field]), value))
    }
    return JSONPatch(operations)
  }
}
