import Kubernetes
import Tuning

/// The pod template of a candidate, from that of the service: volumes, init containers and all
/// else stay, but labels are ours alone, and what can be there only once on a node goes.
struct CandidateTemplate {
  /// In a document that holds the configuration.
  let target: TunedContainer
  let model: ModelLoading?

  func json(labels: [String: String]) -> JSONValue {
    // …/template/spec/containers/0
    let place = JSONPointer(Array(target.pointer.tokens.dropLast(3)))
    let template = target.document[place] ?? [:]
    var metadata = JSONObject([("labels", .labels(labels))])
    metadata["annotations"] = template["metadata"]?["annotations"]
    var spec = template["spec"]?.object ?? JSONObject()
    // A Deployment allows only its default.
    spec["restartPolicy"] = nil
    let grace = spec["terminationGracePeriodSeconds"]?.integer ?? Self.graceMax
    spec["terminationGracePeriodSeconds"] = .integer(min(grace, Self.graceMax))
    let tuned = target.pointer.tokens.last.flatMap { Int($0) }
    spec["containers"] = .array(
      (spec["containers"]?.array ?? []).enumerated().map { index, container in
        Self.withoutHostPorts(index == tuned ? Self.withEqualRequests(container) : container)
      })
    if let model { spec = model.applied(to: spec) }
    return ["metadata": .object(metadata), "spec": .object(spec)]
  }

  /// In seconds. A candidate has no users to take leave of, and the next one waits for its place.
  private static let graceMax = 5

  /// Two pods can't have the same port of a node, and one runs in production.
  private static func withoutHostPorts(_ container: JSONValue) -> JSONValue {
    guard var object = container.object, let ports = object["ports"]?.array else {
      return container
    }
    object["ports"] = .array(
      ports.map { port in
        guard var port = port.object else { return port }
        port["hostPort"] = nil
        return .object(port)
      })
    return .object(object)
  }

  /// What a container asks for and what it may use are the same, so that it is measured with no
  /// more than it would be given.
  private static func withEqualRequests(_ container: JSONValue) -> JSONValue {
    guard var object = container.object, let resources = object["resources"]?.object else {
      return container
    }
    var amounts = resources["requests"]?.object ?? JSONObject()
    for (name, limit) in resources["limits"]?.object?.members ?? [] { amounts[name] = limit }
    var equal = resources
    equal["limits"] = .object(amounts)
    equal["requests"] = .object(amounts)
    object["resources"] = .object(equal)
    return .object(object)
  }
}
