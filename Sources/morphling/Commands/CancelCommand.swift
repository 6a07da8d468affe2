import ArgumentParser
import Controllers
import CustomResources
import Foundation
import Kubernetes
import Transport

/// `morphling cancel`
struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "End an experiment in a cluster.",
    discussion: """
      What runs is stopped and taken down; what was measured is kept, and morphling report shows it. \
      An experiment that is over stays as it is.

      Examples:
        morphling cancel embedder
        morphling cancel embedder --namespace shop --no-wait
      """)

  @Argument(help: "The name of an experiment.", completion: ClusterOptions.experiments)
  var experiment: String

  @Flag(inversion: .prefixedNo, help: "Wait until it has ended.")
  var wait = true

  @OptionGroup(title: "Cluster")
  var cluster: ClusterOptions

  func run() async throws {
    let access = try ClusterAccess(cluster)
    let key = access.key(ExperimentName(experiment).text)
    try await access.perform {
      let snapshot = try await Cancellation(access.client).request(key, at: .now())
      guard !snapshot.phase.isOver else {
        print("ProfilingExperiment \(key) is over already: \(snapshot.phase.rawValue)")
        return
      }
      guard wait else {
        print("ProfilingExperiment \(key) is asked to end")
        return
      }
      let last = try await ended(key, access)
      print("ProfilingExperiment \(key) has ended: \(last.failure ?? last.phase.rawValue)")
    }
  }

  private func ended(_ key: ObjectKey, _ access: ClusterAccess) async throws -> ExperimentSnapshot {
    let start = ContinuousClock.now
    var isTold = false
    let changes = ClusterChanges(
      ofExperiment: key, client: access.client, clock: ContinuousClock()
    ) { .random(in: 0..<1) }
    return try await changes.follow {
      let snapshot = try await ExperimentSnapshot.read(key, from: access.client)
      if !isTold, ContinuousClock.now - start > .seconds(20), !snapshot.phase.isOver {
        isTold = true
        let text = "note: it hasn't ended yet: is a daemon there? \(ClusterRun.whereDaemonsAre)\n"
        FileHandle.standardError.write(Data(text.utf8))
      }
      return snapshot.phase.isOver ? snapshot : nil
    }
  }
}
