import Foundation
import Kubernetes
import Synchronization
import Testing
import Transport

/// The live client against a small server whose faults a path names.
@Suite struct ClusterConnectionTests {
  private func client(
    _ configure: (inout ClusterConfiguration) -> Void = { _ in }
  ) throws -> Connection {
    var configuration = ClusterConfiguration(server: try StreamServer.shared.get().url)
    configure(&configuration)
    return try .live(configuration)
  }

  private func request(_ path: String, timeout: Duration? = nil) -> APIRequest {
    APIRequest(
      method: .get, path: path, operation: "get \(path)", isIdempotent: true, timeout: timeout)
  }

  @Test func `an answer comes whole, whatever its status`() async throws {
    let answer = try await client().send(request("/status/429"))
    #expect(answer.status == 429)
    #expect(answer.retryAfter == .seconds(3))
    #expect(String(decoding: answer.body, as: UTF8.self) == "status 429")
  }

  @Test func `a wish to be left alone may be a date`() async throws {
    let answer = try await client().send(request("/until"))
    // An hour from when the server said it.
    let wish = try #require(answer.retryAfter)
    #expect(wish > .seconds(3_000) && wish <= .seconds(3_600))
    #expect(try await client().send(request("/until-then")).retryAfter == .zero)
  }

  @Test func `a body is sent with its type`() async throws {
    var post = request("/echo")
    post.method = .patch
    post.contentType = "application/merge-patch+json"
    post.body = Array(#"{"a":1}"#.utf8)
    let answer = try await client().send(post)
    #expect(
      String(decoding: answer.body, as: UTF8.self)
        == #"PATCH application/merge-patch+json {"a":1}"#)
  }

  @Test func `a server that isn't there is unreachable`() async throws {
    let nowhere = try Connection.live(ClusterConfiguration(server: "http://127.0.0.1:9"))
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await nowhere.send(request("/status/200"))
    }
    #expect(failure?.reason == .transport(.unreachable))
  }

  @Test func `a broken answer is no answer`() async throws {
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await client().send(request("/torn"))
    }
    #expect(failure?.reason == .transport(.interrupted))
  }

  @Test func `an answer that doesn't come times out`() async throws {
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await client().send(request("/silent", timeout: .milliseconds(200)))
    }
    #expect(failure?.reason == .transport(.timedOut))
  }

  @Test func `a silent stream is closed as soon as its task is cancelled`() async throws {
    let server = try StreamServer.shared.get()
    let connection = try client()
    let before = try await server.closedStreams(connection)
    let task = Task {
      let stream = try await connection.open(request("/silent-stream"))
      while try await stream.next() != nil {}
    }
    try await eventually("the counts are as expected") {
      try await server.openStreams(connection) > 0
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    try await eventually("the counts are as expected") {
      try await server.closedStreams(connection) > before
    }
  }

  @Test func `a stream that nobody holds is closed`() async throws {
    let server = try StreamServer.shared.get()
    let connection = try client()
    let before = try await server.closedStreams(connection)
    do {
      let stream = try await connection.open(request("/ticking-stream"))
      _ = try await stream.next()
    }
    try await eventually("the counts are as expected") {
      try await server.closedStreams(connection) > before
    }
  }

  @Test func `whoever doesn't read holds the server back`() async throws {
    let server = try StreamServer.shared.get()
    let connection = try client()
    let stream = try await connection.open(request("/fire-hose", timeout: .seconds(600)))
    _ = try await stream.next()
    var sent = -1
    // It stands still once the buffers between us are full.
    try await eventually("the counts are as expected") {
      let now = try await server.sentBytes(connection)
      defer { sent = now }
      try await Task.sleep(for: .milliseconds(200))
      return now == sent
    }
    #expect(sent < 64 << 20)
    var taken = 0
    while taken < 32 << 20, let piece = try await stream.next() { taken += piece.count }
    #expect(try await server.sentBytes(connection) > sent)
  }

  @Test func `a rotated token is used at once`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("token", "one\n")
    let source = CredentialProbe(path)
    #expect(try await source.authorization() == "Bearer one")
    _ = try folder.file("token", "two")
    #expect(try await source.authorization() == "Bearer two")
    // The kubelet is exchanging it.
    try FileManager.default.removeItem(atPath: path)
    #expect(try await source.authorization() == "Bearer two")
  }

  @Test func `credentials are not sent over an open connection`() {
    let error = #expect(throws: ClusterConfigurationError.self) {
      _ = try client { $0.credential = .token("secret") }
    }
    #expect(error?.needed == "a server with https:// is needed")
  }
}

/// Programs that print credentials.
@Suite struct CredentialPluginTests {
  private func plugin(_ script: String, hint: String? = nil) -> CredentialProbe {
    CredentialProbe(
      CredentialPlugin(command: "sh", arguments: ["-c", script], installHint: hint))
  }

  private static func answer(_ status: String) -> String {
    #"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "#
      + #""status": \#(status)}"#
  }

  @Test func `its token is used until it expires`() async throws {
    let folder = try TemporaryFolder()
    let count = "echo x >>\(folder.path)/runs; n=$(wc -l <\(folder.path)/runs); "
    let status = #"{\"token\": \"t$n\", \"expirationTimestamp\": \"1970-01-01T00:01:00Z\"}"#
    let text = Self.answer("STATUS").replacing("\"", with: "\\\"").replacing(
      "STATUS", with: status)
    let probe = plugin(count + "echo \"\(text)\"")
    #expect(try await probe.authorization(at: 0) == "Bearer t1")
    #expect(try await probe.authorization(at: 40) == "Bearer t1")
    // Ten seconds before its end it is renewed.
    #expect(try await probe.authorization(at: 55) == "Bearer t2")
  }

  @Test func `one that doesn't end is given up`() async throws {
    let probe = CredentialProbe(
      CredentialPlugin(command: "sleep", arguments: ["600"], timeLimit: .milliseconds(100)))
    let error = await #expect(throws: ClusterConfigurationError.self) {
      _ = try await probe.authorization()
    }
    #expect(error?.found.contains("didn't end within") == true)
  }

  @Test func `it is told of the cluster where that is asked for`() async throws {
    let told = CredentialPlugin(
      command: "sh",
      arguments: [
        "-c",
        #"echo "$KUBERNETES_EXEC_INFO" | grep -q '"server":"https://a"' && echo '"#
          + Self.answer(#"{"token": "told"}"#) + "'",
      ], cluster: ["server": "https://a"])
    #expect(try await CredentialProbe(told).authorization() == "Bearer told")
  }

  @Test func `it is told what is asked of it`() async throws {
    let probe = plugin(
      #"echo "$KUBERNETES_EXEC_INFO" | grep -q '"kind":"ExecCredential"' && echo '"#
        + Self.answer(#"{"token": "told"}"#) + "'")
    #expect(try await probe.authorization() == "Bearer told")
  }

  @Test(arguments: [
    ("exit 3", "it ended with status 3; see what it wrote"),
    (
      "echo hello",
      "it printed no ExecCredential of client.authentication.k8s.io/v1; "
        + "a working plugin is needed: see users.exec in the kubeconfig"
    ),
    ("exit 127", "there is no such program; install it"),
  ])
  func `what goes wrong is said`(script: String, message: String) async {
    let error = await #expect(throws: ClusterConfigurationError.self) {
      _ = try await plugin(script, hint: "install it").authorization()
    }
    #expect(error?.description == "credential plugin sh: \(message)")
  }
}

/// What a request would carry, at a time that the test sets.
private final class CredentialProbe: Sendable {
  private let source: CredentialSource
  private let time: TimeBox

  private final class TimeBox: Sendable {
    let seconds = Mutex<Int64>(0)
  }

  private init(_ credential: ClusterConfiguration.Credential) {
    let time = TimeBox()
    self.time = time
    self.source = CredentialSource(
      ClusterConfiguration(server: "https://a", credential: credential)
    ) { Timestamp(seconds: time.seconds.withLock { $0 }) }
  }

  convenience init(_ file: String) { self.init(.tokenFile(file)) }
  convenience init(_ plugin: CredentialPlugin) { self.init(.plugin(plugin)) }

  func authorization(at seconds: Int64 = 0) async throws -> String? {
    time.seconds.withLock { $0 = seconds }
    return try await source.proof().authorization
  }
}
