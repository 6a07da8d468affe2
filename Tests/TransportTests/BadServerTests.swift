import StressTest
import Testing
import Transport
import Tuning

/// Each ends as a kind of error, in bounded time, and the load goes on.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct BadServerTests {
  let server: FaultyServer

  init() throws { server = try FaultyServer.shared.get() }

  @Test(
    arguments: [
      ("/cut-head", .connectionLost), ("/chunk-cut", .connectionLost),
      ("/chunk-garbage", .malformed), ("/chunk-overflow", .malformed),
      ("/two-lengths", .malformed), ("/negative-length", .malformed),
      ("/endless-chunks", .tooLong), ("/endless-head", .malformed), ("/endless-line", .malformed),
      ("/slow-loris", .timedOut), ("/slow-head", .timedOut), ("/redirect", .redirected),
      ("/gzip-bomb", .success), ("/not-utf8", .success), ("/until-closed", .success),
      ("/chunked", .success), ("/interim", .success),
    ] as [(String, RequestResult)])
  func `a closed loop counts what it got and goes on`(
    path: String, result: RequestResult
  ) async throws {
    let endpoint = server.endpoint(path)
    var window = LoadWindow(
      users: 2, duration: .milliseconds(300), timeout: .milliseconds(500))
    if result == .tooLong {
      window = LoadWindow(users: 1, duration: .zero + .milliseconds(1), timeout: .seconds(30))
    }
    let recording = try await endpoint.send(window)
    #expect(!recording.requests.isEmpty)
    #expect(Set(recording.requests.map(\.result)) == [result])
  }

  @Test(
    arguments: [
      ("/not-utf8", .openInference, .wrongContent), ("/gzip-bomb", .contains("x"), .wrongContent),
      ("/chunked", .contains("hello world"), .success), ("/empty", .contains("x"), .wrongContent),
    ] as [(String, ResponseExpectation, RequestResult)])
  func `content is looked at, and never unpacked`(
    path: String, expectation: ResponseExpectation, result: RequestResult
  ) async throws {
    #expect(await server.endpoint(path, expecting: expectation).sendOne(.seconds(5)) == result)
  }

  @Test func `a server that closes after each answer costs a connection, not an error`()
    async throws
  {
    let recording = try await server.endpoint("/only-first").send(
      LoadWindow(users: 4, duration: .milliseconds(500), timeout: .seconds(5)))
    #expect(recording.requests.count > 8)
    #expect(recording.requests.allSatisfy { $0.result == .success })
  }

  @Test func `a server that answers only the first request times out`() async throws {
    let recording = try await server.endpoint("/mute-after-first").send(
      LoadWindow(users: 1, duration: .milliseconds(500), timeout: .milliseconds(200)))
    let results = recording.requests.map(\.result)
    #expect(results.first == .success)
    #expect(results.dropFirst().first == .timedOut)
    // The next one goes over a new connection.
    #expect(results.dropFirst(2).first == .success)
  }

  @Test func `users who are refused rest before they try again`() async throws {
    let port = try FreePorts().next()
    let recording = try await Endpoint.live(HTTPTarget(url: "http://127.0.0.1:\(port)/")).send(
      LoadWindow(users: 3, duration: .milliseconds(300), timeout: .seconds(5)))
    #expect((3...90).contains(recording.requests.count))
    #expect(recording.requests.allSatisfy { $0.result == .connectionRefused })
  }

  @Test func `a name that stands for nothing is an error with the name`() async throws {
    let endpoint = Endpoint.live(HTTPTarget(url: "http://morphling-test.invalid/"))
    #expect(await endpoint.sendOne(.seconds(5)) == .nameUnresolved)
    await #expect(throws: LoadGeneratorError.self) {
      try await endpoint.send(
        LoadWindow(users: 1, duration: .milliseconds(100), timeout: .seconds(1)))
    }
  }

  @Test func `load goes to the addresses that were checked, whatever the name stands for`()
    async throws
  {
    // The name stands for nothing; the address that was found before is used all the same.
    let addresses = try HostAddress.addresses(ofURL: server.url("/ok"))
    let target = HTTPTarget(url: "http://morphling-test.invalid:\(server.port)/ok")
    #expect(await Endpoint.live(target, at: addresses).sendOne(.seconds(5)) == .success)
    var second = target
    second.version = .http2
    // The server doesn't speak it; but it was reached.
    #expect(await Endpoint.live(second, at: addresses).sendOne(.seconds(1)) != .nameUnresolved)
  }

  @Test func `every address of a name is tried`() async throws {
    let nowhere = try HostAddress.addresses(ofURL: "http://[::1]/")
    let here = try HostAddress.addresses(ofURL: "http://127.0.0.1/")
    let endpoint = Endpoint.live(
      HTTPTarget(url: "http://localhost:\(server.port)/ok"), at: nowhere + here)
    let recording = try await endpoint.send(
      LoadWindow(users: 8, duration: .milliseconds(200), timeout: .seconds(5)))
    #expect(recording.requests.allSatisfy { $0.result == .success })
  }

  // MARK: TLS

  private func secure(_ port: Int, _ files: SecureFiles, host: String = "localhost") -> Endpoint {
    var target = HTTPTarget(
      url: "https://\(host):\(port)/ok", expectation: .contains("hello"))
    target.security = files
    return .live(target)
  }

  @Test func `a secure server is trusted for its certificate`() async throws {
    let trusting = SecureFiles(authorities: FaultyServer.certificate)
    for host in ["localhost", "127.0.0.1"] {
      let recording = try await secure(server.securePort, trusting, host: host).send(
        LoadWindow(users: 3, duration: .milliseconds(300), timeout: .seconds(5)))
      #expect(recording.requests.count >= 3)
      #expect(recording.requests.allSatisfy { $0.result == .success })
    }
  }

  @Test func `certificates that can't be trusted are an error of their own`() async throws {
    let system = secure(server.securePort, SecureFiles())
    #expect(await system.sendOne(.seconds(5)) == .secureChannelFailed)
    let expired = secure(
      server.expiredPort, SecureFiles(authorities: FaultyServer.expiredCertificate))
    #expect(await expired.sendOne(.seconds(5)) == .secureChannelFailed)
    let noSecrets = secure(server.port, SecureFiles(authorities: FaultyServer.certificate))
    // It waits for the rest of what is no request to it.
    #expect(await noSecrets.sendOne(.milliseconds(300)) == .timedOut)
    let otherName = secure(
      server.securePort, SecureFiles(authorities: FaultyServer.certificate), host: "127.0.0.2")
    #expect(
      [.secureChannelFailed, .connectionRefused].contains(await otherName.sendOne(.seconds(5))))
  }

  @Test func `a server that asks for the client's certificate gets it`() async throws {
    let mutual = SecureFiles(
      authorities: FaultyServer.certificate, certificate: FaultyServer.certificate)
    #expect(await secure(server.mutualPort, mutual).sendOne(.seconds(5)) == .success)
    let anonymous = SecureFiles(authorities: FaultyServer.certificate)
    #expect(await secure(server.mutualPort, anonymous).sendOne(.seconds(5)) != .success)
  }

  @Test func `files that can't be read are named`() async throws {
    let endpoint = secure(server.securePort, SecureFiles(authorities: "/nowhere/ca.pem"))
    await #expect {
      try await endpoint.send(
        LoadWindow(users: 1, duration: .milliseconds(100), timeout: .seconds(1)))
    } throws: { "\($0)".contains("/nowhere/ca.pem") }
  }
}
