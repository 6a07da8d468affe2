import ArgumentParser
import Controllers
import CustomResources
import Foundation
import Kubernetes

/// `morphling rollback`
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Take back what a recommendation wrote into an Inference.",
    discussion: """
      The values from before return, in the Inference and in the Deployment that serves it, as long as \
      nobody has written others since. The same recommendation isn't applied again.

      Examples:
        morphling rollback inference/embedder
        morphling rollback inference/embedder --predictor canary --namespace shop --no-wait

      Exit status: 0 the old values are back, and with --wait their pods are ready; 2 there is nothing \
      to roll back; 4 interrupted, what is written stays; 1 anything else.
      """)

  @Argument(
    help: ArgumentHelp("An Inference.", valueName: "inference/name"),
    completion: .shellCommand(
      "kubectl get inferences --output name 2>/dev/null | sed 's#.*/#inference/#'"))
  var service: String

  @Option(
    help: ArgumentHelp(
      "A predictor (default: every one that a recommendation was written into).",
      valueName: "name"))
  var predictor: String?

  @Flag(inversion: .prefixedNo, help: "Wait until the pods with the old values are ready.")
  var wait = true

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  func run() async throws {
    guard let name = InferenceName(service)?.text else {
      throw ValidationError(
        "\(service): give the name of an Inference in the cluster like inference/embedder")
    }
    let access = try ClusterAccess(cluster)
    let run = RollbackRun(
      rollback: Rollback(access.client, inference: access.key(name), predictor: predictor),
      inference: access.key(name), waits: wait)
    try await access.perform { try await run.run() }
  }
}
