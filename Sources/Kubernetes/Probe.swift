/// How to find out whether a container is ready, as a view of its JSON. What isn't given has
/// Kubernetes' own default.
package struct Probe: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case httpGet(path: String, port: PortReference, headers: [HTTPHeader])
    case tcpSocket(port: PortReference)
    case exec(command: [String])
  }
  package struct HTTPHeader: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  /// Nil for a kind of probe that isn't known here.
  package let action: Action?
  package let initialDelay: Duration
  package let period: Duration
  package let timeout: Duration
  package let successThreshold: Int

  init(_ json: JSONValue) {
    self.action = Self.action(json)
    self.initialDelay = .seconds(json["initialDelaySeconds"]?.integer ?? 0)
    self.period = .seconds(json["periodSeconds"]?.integer ?? 10)
    self.timeout = .seconds(json["timeoutSeconds"]?.integer ?? 1)
    self.successThreshold = json["successThreshold"]?.integer ?? 1
  }

  private static func action(_ json: JSONValue) -> Action? {
    if let get = json["httpGet"], let port = get["port"].flatMap(PortReference.init) {
      let headers = (get["httpHeaders"]?.array ?? []).map {
        HTTPHeader(name: $0["name"]?.string ?? "", value: $0["value"]?.scalarText ?? "")
      }
      return .httpGet(path: get["path"]?.string ?? "/", port: port, headers: headers)
    }
    if let port = json["tcpSocket"]?["port"].flatMap(PortReference.init) {
      return .tcpSocket(port: port)
    }
    if let exec = json["exec"] { return .exec(command: Container.texts(exec["command"])) }
    return nil
  }
}
