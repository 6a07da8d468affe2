import ArgumentParser
import CustomResources
import Foundation
import Logging

/// `morphling daemon`
struct DaemonCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "daemon",
    abstract: "Tune what runs in a cluster, for as long as it runs.",
    discussion: """
      Has new Inferences of a Kubernetes cluster tuned, and runs its experiments. Of several \
      daemons one leads, the one that holds the Lease morphling in their namespace; the others \
      stand by. It ends with 0 after SIGTERM, and with 1 when it lost the Lease, so that it is \
      started again.

      The cluster is that of --kubeconfig, else of KUBECONFIG, else of ~/.kube/config, else the \
      one that this pod runs in.

      Example:
        morphling daemon --namespaces models --listen 127.0.0.1:8080
      """)

  @Option(help: "A kubeconfig.")
  var kubeconfig: String?

  @Option(help: "Which context of the kubeconfig; default: its current one.")
  var context: String?

  @Option(
    help: """
      Where the daemon's settings and its Lease are; default: POD_NAMESPACE, else \
      \(Installation.namespaceDefault).
      """)
  var namespace: String?

  @Option(help: "The only namespaces to act in, with commas; default: all.")
  var namespaces: NamespaceList?

  @Flag(help: "Also make what Inferences need to run, where KubeDL doesn't.")
  var serveInferences = false

  @Option(help: "Where health and metrics are served: address:port.")
  var listen = ListenAddress(host: "0.0.0.0", port: 8080)

  @Option(help: "How lines of the log are written: text or json.")
  var logFormat: LogFormat = .text

  @Option(help: "The least that is logged: debug, info, warning or error.")
  var logLevel: LogLevel = .info

  mutating func validate() throws {
    for name in [namespace].compactMap(\.self) + (namespaces?.names ?? []) {
      guard ClusterNames.bounded(name) == name else {
        throw ValidationError(
          "namespace \"\(name)\"; lower-case letters, digits and - are needed, at most 63")
      }
    }
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let options = DaemonOptions(
      kubeconfig: kubeconfig, context: context,
      namespace: namespace ?? environment["POD_NAMESPACE"] ?? Installation.namespaceDefault,
      namespaces: namespaces?.names, servesInferences: serveInferences, listen: listen,
      identity: environment["POD_NAME"]
        ?? "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())")
    var log = Logger(label: "morphling") { _ in LineLog(format: logFormat) }
    log.logLevel = logLevel.level
    try await DaemonRun(options, log).run()
  }
}

/// Names of namespaces, with commas between them.
struct NamespaceList: ExpressibleByArgument {
  let names: [String]

  init?(argument: String) {
    names = argument.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    guard !names.isEmpty else { return nil }
  }
}

extension ListenAddress: ExpressibleByArgument {
  var defaultValueDescription: String { "\(self)" }
}

extension LogFormat: ExpressibleByArgument {}

extension LogLevel: ExpressibleByArgument {}
