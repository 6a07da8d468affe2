import Foundation
package import Kubernetes

extension Client {
  /// A real API server.
  ///
  /// - Parameters:
  ///   - rate: requests a second in the long run.
  ///   - burst: requests at once.
  package static func live(
    _ configuration: ClusterConfiguration, rate: Double = 20, burst: Int = 30,
    manager: String = "morphling"
  ) throws(ClusterConfigurationError) -> Client {
    Client(
      over: try .live(configuration),
      pacing: RequestPacing(rate: rate, burst: burst, clock: ContinuousClock()) {
        Double.random(in: 0..<1)
      },
      manager: manager)
  }
}

extension Connection {
  /// A connection on libcurl, over HTTP/2 where the server offers it.
  package static func live(
    _ configuration: ClusterConfiguration
  ) throws(ClusterConfigurationError) -> Connection {
    let server = try ClusterConnection(configuration)
    return Connection(
      send: { try await server.send($0) }, open: { try await server.open($0) })
  }
}

extension Timestamp {
  /// Civil time by this machine's clock.
  package static func now() -> Timestamp {
    Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded()))
  }
}

/// The way to one API server.
private final class ClusterConnection: Sendable {
  /// An answer longer than this, in bytes, isn't kept.
  private static let bodyMax = 512 << 20

  private let configuration: ClusterConfiguration
  private let credentials: CredentialSource
  private let loop: HTTPLoop

  init(_ configuration: ClusterConfiguration) throws(ClusterConfigurationError) {
    let hasSecrets = configuration.credential != .none || configuration.clientCertificate != nil
    if hasSecrets, !configuration.server.hasPrefix("https://") {
      throw ClusterConfigurationError(
        place: "cluster \(configuration.server)", found: "credentials for an open connection",
        needed: "a server with https:// is needed")
    }
    guard let loop = HTTPLoop() else {
      throw ClusterConfigurationError(
        place: "cluster \(configuration.server)", found: "libcurl has no descriptors left",
        needed: "raise `ulimit -n`")
    }
    self.configuration = configuration
    self.credentials = CredentialSource(configuration) { .now() }
    self.loop = loop
  }

  func send(_ request: APIRequest) async throws -> APIResponse {
    let (exchange, head) = try await start(request)
    var body: [UInt8] = []
    while let piece = try await exchange.next() {
      body += piece
      guard body.count <= Self.bodyMax else {
        throw APIFailure(
          .unreadable, operation: request.operation, message: "over \(Self.bodyMax) bytes")
      }
    }
    return APIResponse(status: head.status, retryAfter: head.retryAfter, body: body)
  }

  func open(_ request: APIRequest) async throws -> APIResponseStream {
    let (exchange, head) = try await start(request)
    return APIResponseStream(status: head.status, retryAfter: head.retryAfter) {
      try await exchange.next()
    }
  }

  /// A server that doesn't know us is asked once more with new credentials, where there are any.
  private func start(_ request: APIRequest) async throws -> (HeldExchange, Exchange.Head) {
    let proof = try await proof(for: request)
    let first = try await start(request, proof)
    guard first.head.status == 401, credentials.isRenewable else { return first }
    await credentials.refuse(proof)
    let renewed = try await self.proof(for: request)
    return renewed == proof ? first : try await start(request, renewed)
  }

  private func start(
    _ request: APIRequest, _ proof: CredentialSource.Proof
  ) async throws -> (exchange: HeldExchange, head: Exchange.Head) {
    try Task.checkCancellation()
    guard let exchange = Exchange(request, configuration, proof) else {
      throw APIFailure(
        .transport(.unreachable), operation: request.operation,
        message: "libcurl has no memory left")
    }
    let held = HeldExchange(exchange, loop)
    loop.start(exchange)
    return (held, try await exchange.head(over: loop))
  }

  private func proof(for request: APIRequest) async throws -> CredentialSource.Proof {
    do {
      return try await credentials.proof()
    } catch let error as ClusterConfigurationError {
      throw APIFailure(
        .transport(.credentials), operation: request.operation, message: error.description)
    }
  }
}

/// An exchange that ends when nobody holds it any more.
private final class HeldExchange: Sendable {
  private let exchange: Exchange
  private let loop: HTTPLoop

  init(_ exchange: Exchange, _ loop: HTTPLoop) {
    self.exchange = exchange
    self.loop = loop
  }

  deinit { exchange.cancel(over: loop) }

  func next() async throws -> [UInt8]? { try await exchange.next(over: loop) }
}
