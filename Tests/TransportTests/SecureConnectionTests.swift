import Foundation
import Kubernetes
import Testing
import Transport

/// Who we are to a server over TLS, whom we trust, and by which way we come.
@Suite struct SecureConnectionTests {
  private func answer(
    _ path: String = "/", _ configure: (inout ClusterConfiguration) throws -> Void = { _ in }
  ) async throws -> APIResponse {
    let server = try SecureServer.shared.get()
    var configuration = ClusterConfiguration(
      server: server.url, authority: .file(SecureServer.certificatePath))
    try configure(&configuration)
    return try await Connection.live(configuration).send(
      APIRequest(method: .get, path: path, operation: "get \(path)", isIdempotent: true))
  }

  private func text(
    _ path: String = "/", _ configure: (inout ClusterConfiguration) throws -> Void = { _ in }
  ) async throws -> String {
    String(decoding: try await answer(path, configure).body, as: UTF8.self)
  }

  private static var pem: [UInt8] {
    get throws {
      [UInt8](try Data(contentsOf: URL(filePath: SecureServer.certificatePath)))
    }
  }

  @Test func `a server is trusted by its cluster's authority, in a file or inline`() async throws {
    #expect(try await text().hasPrefix("none, certificate none"))
    let pem = try Self.pem
    #expect(try await text { $0.authority = .text(pem) }.hasPrefix("none"))
  }

  @Test func `one that the authority doesn't know is not`() async throws {
    for change in [
      { (configuration: inout ClusterConfiguration) in configuration.authority = nil },
      { $0.tlsServerName = "other.example" },
    ] {
      let failure = await #expect(throws: APIFailure.self) { _ = try await answer("/", change) }
      #expect(failure?.reason == .transport(.certificate))
    }
  }

  @Test func `a certificate is shown, from files or inline`() async throws {
    let path = SecureServer.certificatePath
    let files = try await text {
      $0.clientCertificate = .init(certificate: .file(path), key: .file(path))
    }
    #expect(files.contains("certificate localhost"))
    let pem = try Self.pem
    let inline = try await text {
      $0.clientCertificate = .init(certificate: .text(pem), key: .text(pem))
    }
    #expect(inline.contains("certificate localhost"))
  }

  @Test func `a plugin's certificate is shown`() async throws {
    // JSON has no line breaks in its texts.
    let script = """
      import json, sys
      pem = open(sys.argv[1]).read()
      print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"clientCertificateData": pem, "clientKeyData": pem}}))
      """
    let seen = try await text {
      $0.credential = .plugin(
        CredentialPlugin(
          command: "python3", arguments: ["-c", script, SecureServer.certificatePath]))
    }
    #expect(seen.hasPrefix("none, certificate localhost"))
  }

  @Test func `a rotated token goes with the next request`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("token", "one\n")
    let server = try SecureServer.shared.get()
    let connection = try Connection.live(
      ClusterConfiguration(
        server: server.url, authority: .file(SecureServer.certificatePath),
        credential: .tokenFile(path)))
    func status(_ path: String) async throws -> Int {
      try await connection.send(
        APIRequest(method: .get, path: path, operation: "get", isIdempotent: true)
      ).status
    }
    #expect(try await status("/only/one") == 200)
    _ = try folder.file("token", "two\n")
    #expect(try await status("/only/two") == 200)
    // The same token again would be refused again.
    #expect(try await status("/only/three") == 401)
  }

  @Test func `a token that the server refuses is renewed, once`() async throws {
    let folder = try TemporaryFolder()
    let runs = "\(folder.path)/runs"
    let script =
      "echo x >>\(runs); n=$(wc -l <\(runs)); printf "
      + #"'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "#
      + #""status": {"token": "t%s"}}' "$n""#
    let plugin = CredentialPlugin(command: "sh", arguments: ["-c", script])
    #expect(try await answer("/only/t2") { $0.credential = .plugin(plugin) }.status == 200)
    #expect(try await answer("/only/never") { $0.credential = .plugin(plugin) }.status == 401)
    #expect(try String(contentsOfFile: runs, encoding: .utf8).split(separator: "\n").count == 4)
  }

  @Test func `a proxy is gone through where there is one`() async throws {
    let proxy = try SecureServer.shared.get().proxy
    func tunnels(_ configure: (inout ClusterConfiguration) -> Void) async throws -> Int {
      let words = try await text("/", configure).split(separator: " ")
      return try #require(words.last.flatMap { Int($0) })
    }
    let before = try await tunnels { _ in }
    #expect(try await tunnels { $0.proxy = proxy } == before + 1)
    let failure = await #expect(throws: APIFailure.self) {
      _ = try await answer { $0.proxy = "http://127.0.0.1:9" }
    }
    #expect(failure?.reason == .transport(.unreachable))
  }
}
