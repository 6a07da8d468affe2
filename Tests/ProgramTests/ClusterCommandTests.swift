import CustomResources
import Foundation
import Glibc
import Kubernetes
import Testing
import Tuning

/// The commands for a cluster, where there is none.
@Suite struct NoClusterTests {
  private static let nowhere = ["KUBECONFIG": "", "HOME": "/nowhere"]

  @Test(arguments: [
    ["status"], ["cancel", "embedder"], ["report", "experiment/embedder"],
    ["tune", "inference/embedder"], ["rollback", "inference/embedder"],
  ])
  func `without a kubeconfig it is said where one was looked for`(arguments: [String]) throws {
    let result = try Morphling.started(arguments, variables: Self.nowhere).finished()
    #expect(result.status == 2)
    #expect(result.errors.contains("neither KUBECONFIG, ~/.kube/config nor a service account"))
    #expect(result.output.isEmpty)
  }

  @Test func `a server that doesn't answer is named, with where it stands`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      """
      apiVersion: v1
      kind: Config
      current-context: here
      contexts: [{name: here, context: {cluster: here}}]
      clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
      """, to: "config")
    let result = try Morphling.run("status", "--kubeconfig", path)
    #expect(result.status == 1)
    #expect(result.errors.contains("http://127.0.0.1:1"))
    #expect(result.errors.contains(path))
    let other = try Morphling.run("status", "--kubeconfig", path, "--context", "there")
    #expect(other.status == 2)
    #expect(other.errors.contains("no context there was found; one of here is needed"))
  }

  @Test(
    arguments: [
      (["tune", "service.yaml"], "service.yaml: give a file with -f"),
      (["tune", "inference/a", "-f", "x"], "-f: given beside inference/a"),
      (["tune", "--runner", "cluster"], "no service"),
      (["tune", "-f", "x", "--wait"], "--wait: given with --runner process"),
      (["tune", "-f", "x", "--mode", "apply"], "--mode: given with --runner process"),
      (["tune", "-f", "x", "--namespace", "n"], "--namespace: given with --runner process"),
      (["tune", "inference/a", "--mode", "maybe"], "maybe"),
      (["tune", "inference/a", "--seed", "1"], "--seed: given with --runner cluster"),
      (["tune", "inference/a", "--output", "d"], "--output: given without --wait"),
      (["tune", "inference/a", "--slo", "p99=fast"], "a duration like 100ms is needed"),
      (["tune", "--resume", "d", "--wait"], "--resume: other options are given"),
      (["status", "a", "--all-namespaces"], "--all-namespaces: given with the name of one"),
      (["cancel"], "experiment"),
      (["rollback"], "inference/name"),
      (["rollback", "embedder"], "embedder: give the name of an Inference in the cluster like"),
      (["rollback", "inference/"], "inference/: give the name of an Inference"),
      (["report", "no-such-thing"], "no-such-thing: no such directory, and no cluster"),
    ])
  func `a wrong command line ends with 2 and says what is wrong`(
    arguments: [String], message: String
  ) throws {
    let result = try Morphling.started(arguments, variables: Self.nowhere).finished()
    #expect(result.status == 2)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test(arguments: [["status", "--help"], ["cancel", "--help"], ["rollback", "--help"]])
  func `help has examples`(arguments: [String]) throws {
    let result = try Morphling.started(arguments).finished()
    #expect(result.status == 0)
    #expect(result.output.contains("Example"))
    #expect(result.output.contains("--kubeconfig"))
  }
}

/// The commands for a cluster, on a real one without a daemon.
@Suite(.serialized, .enabled(if: CommandCluster.isThere, CommandCluster.skipping))
struct ClusterCommandTests {
  @Test func `an experiment is made, shown, and asked to end`() async throws {
    try await CommandCluster.with { cluster in
      let folder = try TemporaryFolder()
      let file = try folder.write(CommandCluster.service, to: "service.yaml")
      let made = try cluster.run(
        "tune", "--runner", "cluster", "-f", file, "--mode", "propose", "--slo", "p99=80ms")
      #expect(made.status == 0, "\(made.errors)")
      #expect(made.errors.contains("morphling status embedder --watch --namespace"))
      let experiment = try await cluster.client.get(
        .profilingExperiments, cluster.key("embedder"))
      #expect(experiment.annotations[ClusterNames.mode] == "Propose")
      #expect(experiment.spec?["constraints"]?.array?.first?["max"] == "80")
      let again = try cluster.run(
        "tune", "--runner", "cluster", "-f", file, "--mode", "propose", "--slo", "p99=80ms")
      #expect(again.errors.contains("was there already"))
      let other = try cluster.run("tune", "--runner", "cluster", "-f", file)
      #expect(other.status == 2)
      #expect(other.errors.contains("there already, with another spec"))

      let row = try cluster.run("status")
      #expect(row.output.contains("embedder"))
      #expect(row.output.hasPrefix("NAME "))
      #expect(try Morphling.run("status", "--all-namespaces").output.contains(cluster.namespace))
      let details = try cluster.run("status", "embedder")
      #expect(details.output.contains("Mode        Propose"))
      let wrong = try cluster.run("status", "embeder")
      #expect(wrong.status == 2)
      #expect(wrong.errors.contains("did you mean \"embedder\"?"))

      let asked = try cluster.run("cancel", "embedder", "--no-wait")
      #expect(asked.status == 0, "\(asked.errors)")
      let ending = try await cluster.client.get(.profilingExperiments, cluster.key("embedder"))
      #expect(ending.annotations[ClusterNames.cancel] != nil)
    }
  }

  @Test func `who waits sees the search, and has the same files in the end`() async throws {
    try await CommandCluster.with { cluster in
      let folder = try TemporaryFolder()
      let file = try folder.write(CommandCluster.service, to: "service.yaml")
      let waiting = try cluster.started(
        ["tune", "--runner", "cluster", "-f", file, "--wait", "--progress", "plain"],
        in: folder.path)
      try waiting.wait(until: "the experiment is made") { $0.errorsSoFar.contains("was made.") }
      try await cluster.search("embedder", stage: .running, measured: 2)
      try waiting.wait(until: "trial 1 is told") { $0.errorsSoFar.contains("trial 1/3") }
      let running = try cluster.run("status", "embedder", "--output", "json")
      #expect(running.output.contains("\"phase\": \"Running\""))
      #expect(try cluster.run("status", "embedder").output.contains("the stress test runs"))
      let miss = NearestMiss(trialOrdinal: nil, configuration: nil, toRelax: ["p99 by 3 ms."])
      // The end that a status can have without a recommendation; the report makes up its own mind.
      try await cluster.search("embedder", stage: .infeasible(miss), measured: 4)
      let result = try waiting.finished()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("infeasible: out of memory while starting"))
      #expect(result.output.contains("Run cpu="))
      let report = try folder.json("morphling-embedder/report.json")
      #expect((report["trials"] as? [Any])?.count == 4)
      #expect(folder.lines("morphling-embedder/patch.json").count > 0)
      #expect(folder.lines("morphling-embedder/inference.yaml").contains("kind: Inference"))
      #expect(!folder.lines("morphling-embedder/inference.yaml").contains { $0.contains("uid:") })

      let later = try cluster.run(
        "report", "embedder", "--output", folder.path + "/later", "--format", "csv")
      #expect(later.status == 0, "\(later.errors)")
      #expect(later.output.split(separator: "\n").count == 5)
      let same = try folder.json("later/report.json")
      #expect(same["recommendation"] as? NSDictionary == report["recommendation"] as? NSDictionary)
      let over = try cluster.run("cancel", "embedder")
      #expect(over.output.contains("is over already: Infeasible"))
      let watched = try cluster.run("status", "embedder", "--watch")
      #expect(watched.output.contains("To relax    p99 by 3 ms."))
    }
  }

  @Test func `an interruption leaves the experiment to itself`() async throws {
    try await CommandCluster.with { cluster in
      let folder = try TemporaryFolder()
      let file = try folder.write(CommandCluster.service, to: "service.yaml")
      let waiting = try cluster.started(
        ["tune", "--runner", "cluster", "-f", file, "--wait"], in: folder.path)
      try waiting.wait(until: "the experiment is made") { $0.errorsSoFar.contains("was made.") }
      waiting.send(SIGINT)
      let result = try waiting.finished()
      #expect(result.status == 4)
      #expect(result.errors.contains("goes on in the cluster"))
      #expect(result.errors.contains("morphling cancel embedder --namespace"))
      #expect(try await cluster.client.find(.profilingExperiments, cluster.key("embedder")) != nil)
    }
  }

  @Test func `a failed and a canceled experiment end who waits`() async throws {
    try await CommandCluster.with { cluster in
      let folder = try TemporaryFolder()
      let file = try folder.write(CommandCluster.service, to: "service.yaml")
      let arguments = ["tune", "--runner", "cluster", "-f", file, "--wait"]
      var waiting = try cluster.started(arguments, in: folder.path)
      try waiting.wait(until: "the experiment is made") { $0.errorsSoFar.contains("was made.") }
      try await cluster.search(
        "embedder", stage: .failed(reason: "CandidatesImpossible", message: "no such image"),
        measured: 1)
      let failed = try waiting.finished()
      #expect(failed.status == 1)
      #expect(failed.errors.contains("no such image"))
      #expect(try cluster.run("cancel", "embedder").output.contains("is over already: Failed"))

      try await cluster.search("embedder", stage: .running, measured: 1)
      waiting = try cluster.started(arguments, in: folder.path)
      let running = waiting
      try running.wait(until: "the experiment is found") {
        $0.errorsSoFar.contains("was there already")
      }
      let canceling = try cluster.started(["cancel", "embedder"])
      try await eventually("the experiment is asked to end") {
        try await cluster.client.get(.profilingExperiments, cluster.key("embedder"))
          .annotations[ClusterNames.cancel] != nil
      }
      try await cluster.search(
        "embedder", stage: .failed(reason: "ExperimentCancelled", message: "it was canceled"),
        measured: 1)
      #expect(try running.finished().status == 4)
      let canceled = try canceling.finished()
      #expect(canceled.status == 0)
      #expect(canceled.output.contains("has ended: it was canceled"))
    }
  }

  @Test func `a rollback brings the old values back, once`() async throws {
    try await CommandCluster.with { cluster in
      let nothing = try cluster.run("rollback", "inference/embedder")
      #expect(nothing.status == 2)
      try await cluster.apply("embedder", cpu: "1")
      let wrong = try cluster.run("rollback", "inference/embedder", "--predictor", "canary")
      #expect(wrong.status == 2)
      #expect(wrong.errors.contains("was written into predictor canary; known: main"))
      #expect(try await cluster.cpu(of: "embedder") == "1")

      let back = try cluster.run("rollback", "inference/embedder")
      #expect(back.status == 0, "\(back.errors)")
      #expect(back.output.contains("predictor main: the old values are back"))
      #expect(back.output.contains("resources.limits.cpu 1 → 2"))
      #expect(try await cluster.cpu(of: "embedder") == "2")
      let again = try cluster.run("rollback", "inference/embedder")
      #expect(again.status == 0 && again.output.contains("were back already"))

      try await cluster.apply("embedder", cpu: "4")
      _ = try await cluster.edit("embedder", "cpu", from: "4", to: "3")
      let changed = try cluster.run("rollback", "inference/embedder", "--no-wait")
      #expect(changed.status == 1)
      #expect(changed.errors.contains("resources.limits.cpu is 3, not 4"), "\(changed.errors)")
      #expect(try await cluster.cpu(of: "embedder") == "3")
    }
  }

  @Test func `who may not is told what to ask for`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(try CommandCluster.strangersKubeconfig(), to: "config")
    let result = try Morphling.run("status", "--kubeconfig", path, "--namespace", "default")
    #expect(result.status == 1)
    // A server that knows nobody without a name says so instead.
    let isUnknown = result.errors.contains("valid credentials are needed")
    #expect(
      isUnknown || result.errors.contains("ask for the ClusterRole morphling-edit in namespace"),
      "\(result.errors)")
  }
}
