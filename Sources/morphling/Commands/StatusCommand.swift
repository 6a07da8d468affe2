import ArgumentParser
import Controllers
import CustomResources
import Foundation
import Kubernetes
import Reporting
import Transport

/// `morphling status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the experiments of a cluster, or all about one.",
    discussion: """
      Without a name, a row for each experiment of the namespace; with one, its conditions, its \
      trials, and what it waits for.

      Examples:
        morphling status
        morphling status --all-namespaces --watch
        morphling status embedder --namespace shop
        morphling status embedder --output json | jq .phase
      """)

  /// How it is printed.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: "The name of an experiment.", completion: ClusterOptions.experiments)
  var experiment: String?

  @Flag(name: [.customShort("A"), .customLong("all-namespaces")], help: "Of all namespaces.")
  var allNamespaces = false

  @Flag(
    name: [.customShort("w"), .customLong("watch")],
    help: "Print it again after each change: of one experiment until it is over.")
  var watch = false

  @Option(help: "How to print it: text or json.")
  var output: Output = .text

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  func run() async throws {
    guard experiment == nil || !allNamespaces else {
      throw ValidationError("--all-namespaces: given with the name of one; give --namespace")
    }
    let access = try ClusterAccess(cluster)
    let name = experiment.map(ExperimentName.init)?.text
    try await access.perform {
      guard watch else {
        print(try await page(of: name, access).text, terminator: "")
        return
      }
      try await follow(name, access)
    }
  }

  private func page(of name: String?, _ access: ClusterAccess) async throws -> StatusPage {
    if let name {
      let snapshot = try await ExperimentSnapshot.read(access.key(name), from: access.client)
      return StatusPage(of: snapshot.overview, output, at: .now())
    }
    let overviews = try await ExperimentSnapshot.overviews(
      in: allNamespaces ? nil : access.namespace, from: access.client)
    return StatusPage(
      overviews, in: allNamespaces ? nil : access.namespace, output, at: .now())
  }

  private func follow(_ name: String?, _ access: ClusterAccess) async throws {
    let chance = { @Sendable in Double.random(in: 0..<1) }
    let namespace = allNamespaces ? nil : access.namespace
    let changes =
      name.map {
        ClusterChanges(
          ofExperiment: access.key($0), client: access.client, clock: ContinuousClock(),
          chance: chance)
      }
      ?? ClusterChanges(
        of: [(.profilingExperiments, Selection(namespace: namespace))], client: access.client,
        clock: ContinuousClock(), chance: chance)
    var last: StatusPage?
    try await changes.follow(every: .seconds(60)) {
      let page = try await page(of: name, access)
      if page.content != last?.content {
        let text = (last == nil || output == .json ? "" : "\n") + page.text
        // Unbuffered, for whoever reads it through a pipe.
        FileHandle.standardOutput.write(Data(text.utf8))
      }
      last = page
      return page.isOver ? () : nil
    }
  }
}
