import CustomResources
import Foundation
import FoundationNetworking
import Kubernetes
import Testing

/// `morphling daemon` as Kubernetes runs it: what it says of itself, and how it ends.
@Suite struct DaemonTests {
  private static let nowhere = """
    current-context: here
    contexts: [{name: here, context: {cluster: here}}]
    clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
    """

  @Test func `without an API server it is alive, not ready, and says so in JSON`() async throws {
    let folder = try TemporaryFolder()
    let kubeconfig = try folder.write(Self.nowhere, to: "config")
    let daemon = try RunningDaemon("--kubeconfig", kubeconfig)
    try await daemon.waitUntilServing()
    #expect(try await daemon.get("/healthz") == Answer(200, "ok\n"))
    #expect(try await daemon.get("/readyz") == Answer(503, "waiting for the API server\n"))
    #expect(try await daemon.get("/else").status == 404)
    let metrics = try await daemon.get("/metrics").body
    #expect(metrics.contains("\nmorphling_leader 0\n"))
    #expect(metrics.contains("# TYPE morphling_experiments gauge"))
    let result = try daemon.stopped()
    #expect(result.status == 0)
    let lines = try result.errors.split(separator: "\n").map {
      try JSONReader.decode(Array($0.utf8))
    }
    #expect(lines.first?["message"] == "starting" && lines.last?["message"] == "stopped")
    #expect(lines.allSatisfy { $0["level"]?.string != nil && $0["time"]?.string != nil })
    #expect(lines.contains { $0["level"] == "warning" }, "nothing is said of the missing server")
  }

  @Test func `an address that is taken ends it with a word`() async throws {
    let folder = try TemporaryFolder()
    let kubeconfig = try folder.write(Self.nowhere, to: "config")
    let first = try RunningDaemon("--kubeconfig", kubeconfig)
    try await first.waitUntilServing()
    let second = try Morphling.started(
      ["daemon", "--listen", "127.0.0.1:\(first.port)", "--kubeconfig", kubeconfig]
    ).finished()
    #expect(second.status == 1)
    #expect(second.errors.contains("a free port is needed"))
    #expect(try first.stopped().status == 0)
  }

  @Test(.enabled(if: CommandCluster.isThere, CommandCluster.skipping))
  func `in a cluster it leads, has a new Inference tuned, and gives the Lease back`() async throws {
    try await CommandCluster.with { cluster in
      let namespace = cluster.namespace
      let daemon = try RunningDaemon("--namespace", namespace, "--namespaces", namespace)
      try await daemon.waitUntilServing()
      try await daemon.waitForAnswer("/readyz", Answer(200, "leading\n"))
      let documents = Manifest(CommandCluster.service, file: "service").documents
      var inference = KubernetesObject(try #require(documents.first).value)
      inference.namespace = namespace
      _ = try await cluster.client.create(.inferences, inference)
      try await eventually("an experiment is made") {
        try #require(daemon.isRunning)
        return try await cluster.client.find(
          .profilingExperiments, cluster.key("embedder-main")) != nil
      }
      try await daemon.waitForAnswer("/metrics") {
        $0.body.contains("\nmorphling_leader 1\n")
          && $0.body.contains(#"morphling_experiments{phase="Pending"} 1"#)
      }
      #expect(try daemon.stopped().status == 0)
      let lease = try await cluster.client.get(.leases, cluster.key("morphling"))
      let holder = lease.spec?["holderIdentity"]?.string ?? ""
      #expect(holder.isEmpty)
    }
  }
}

private struct Answer: Equatable {
  let status: Int
  let body: String

  init(_ status: Int, _ body: String) {
    self.status = status
    self.body = body
  }
}

/// The daemon, running, with its log in JSON.
private final class RunningDaemon {
  let port: Int
  private let process: Morphling.Running

  init(_ arguments: String...) throws {
    port = try StandInServer.freePort()
    process = try Morphling.started(
      ["daemon", "--listen", "127.0.0.1:\(port)", "--log-format", "json"] + arguments)
  }

  var isRunning: Bool { process.isRunning }

  func get(_ path: String) async throws -> Answer {
    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    // Nobody listens yet, or any more.
    guard let (body, response) = try? await URLSession.shared.data(from: url) else {
      return Answer(0, "")
    }
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    return Answer(status, String(decoding: body, as: UTF8.self))
  }

  func waitUntilServing() async throws { try await waitForAnswer("/healthz") { $0.status == 200 } }

  func waitForAnswer(_ path: String, _ answer: Answer) async throws {
    try await waitForAnswer(path) { $0 == answer }
  }

  func waitForAnswer(_ path: String, _ isRight: (Answer) -> Bool) async throws {
    for _ in 0..<1_200 {
      if isRight(try await get(path)) { return }
      try #require(isRunning, "it ended: \(process.errorsSoFar)")
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("\(path) never was as expected: \(try await get(path))\n\(process.errorsSoFar)")
  }

  func stopped() throws -> Morphling.Result {
    process.send(SIGTERM)
    return try process.finished()
  }
}
