import Controllers
import CustomResources
import Foundation
import Kubernetes
import StressTest
import Transport
import Tuning

/// A container's spec turned into a process of this machine.
///
/// Every port whose name, in capitals and with `_` for `-`, is the name of a variable of the
/// container (`http-port`: `HTTP_PORT`) is moved to a free port by setting that variable, so that
/// candidates don't meet; other ports are taken as they are.
struct LocalLaunch {
  private let container: Container
  private let command: ContainerCommand
  private let definition: ExperimentDefinition
  private let inputs: RunInputs
  /// The local port of each container port that was moved.
  private let moved: [Int: Int]

  init(
    container: Container, definition: ExperimentDefinition, inputs: RunInputs, ports: FreePorts
  ) throws {
    var moved: [Int: Int] = [:]
    var values: [String: String] = [:]
    for port in container.ports where Self.isMovable(port, in: container) {
      guard let number = port.number, let name = port.name else { continue }
      let local = try ports.next()
      moved[number] = local
      values[Self.variable(name)] = String(local)
    }
    let relocated = container.settingVariables(values).settingGPUShare()
    self.container = relocated
    command = ContainerCommand(relocated)
    self.definition = definition
    self.inputs = inputs
    self.moved = moved
  }

  static func isMovable(_ port: ContainerPort, in container: Container) -> Bool {
    guard let name = port.name, port.number != nil else { return false }
    return container.value(ofVariable: variable(name)) != nil
  }

  private static func variable(_ portName: String) -> String {
    portName.uppercased().replacing("-", with: "_")
  }

  func specification(named name: String, logFile: String) throws -> ProcessSpecification {
    guard let executable = command.words.first else {
      throw Failure(.wrongInput, "error: container \"\(container.name)\": an empty command")
    }
    let folder = command.workingDirectory.map {
      URL(filePath: $0, relativeTo: URL(filePath: inputs.folder + "/")).path
    }
    return ProcessSpecification(
      name: name, executable: executable, arguments: Array(command.words.dropFirst()),
      environment: Dictionary(
        command.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }),
      workingDirectory: folder ?? inputs.folder,
      cpuLimit: amount("cpu").map(\.amount), memoryLimit: amount("memory").map(\.bytes),
      readiness: readiness, logFile: logFile, target: target)
  }

  private func amount(_ resource: String) -> Quantity? {
    (container.limit(resource) ?? container.request(resource)).flatMap { try? Quantity($0) }
  }

  private func local(_ port: Int) -> Int { moved[port] ?? port }

  private var readiness: ProcessSpecification.Readiness {
    let stressed = local(definition.stressTest.port)
    switch container.readinessProbe?.action {
    case .httpGet(let path, let port, _):
      guard let number = container.portNumber(port) else { return .tcp(port: stressed) }
      return .httpGet(url: "http://127.0.0.1:\(local(number))\(path)")
    case .tcpSocket(let port):
      return .tcp(port: container.portNumber(port).map(local) ?? stressed)
    case .exec, nil: return .tcp(port: stressed)
    }
  }

  private var target: HTTPTarget {
    let test = definition.stressTest
    return test.target(
      url: "http://127.0.0.1:\(local(test.port))\(test.path)", fileBody: inputs.body)
  }
}

extension Container {
  /// The container with these values for variables that it has.
  fileprivate func settingVariables(_ values: [String: String]) -> Container {
    guard var object = json.object, let variables = json["env"]?.array else { return self }
    object["env"] = .array(
      variables.map { variable in
        guard let name = variable["name"]?.string, let value = values[name],
          var changed = variable.object
        else { return variable }
        changed["value"] = .string(value)
        return .object(changed)
      })
    return Container(.object(object))
  }
}
