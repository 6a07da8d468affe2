package import Kubernetes
import Tuning

/// What candidates may use of a cluster at a time.
package struct CandidateQuota: Hashable, Sendable {
  private let quota: InferenceSettings.Quota

  package init(_ quota: InferenceSettings.Quota) { self.quota = quota }

  /// Why one more candidate would be too much; nil where there is room for it.
  /// - Parameters:
  ///   - running: the Deployments of the candidates that are there.
  package func excess(adding candidate: KubernetesObject, to running: [KubernetesObject])
    -> String?
  {
    let others = running.filter { $0.key != candidate.key }
    if let trials = quota.trials, others.count >= trials {
      return "the quota allows \(trials) trials at a time in the whole cluster"
    }
    for (resource, most) in quota.resources.sorted(by: { $0.key < $1.key }) {
      let used = (others + [candidate]).reduce(Int128(0)) { $0 + Self.asked($1, resource) }
      if used > most.billionths {
        return "the quota allows \(most.spelling) of \(resource) for all trials of the cluster"
      }
    }
    return nil
  }

  /// In billionths of the resource's unit.
  private static func asked(_ deployment: KubernetesObject, _ resource: String) -> Int128 {
    let spec = deployment.spec?["template"]?["spec"]
    return (spec?["containers"]?.array ?? []).map(Container.init)
      .compactMap { $0.request(resource) ?? $0.limit(resource) }
      .compactMap { try? Quantity($0) }
      .reduce(0) { $0 + $1.billionths }
  }
}
