import FlyingFox
import FlyingSocks
import Foundation
import Reporting
import ServiceLifecycle

/// Answers those who ask after the daemon: Kubernetes and Prometheus.
struct StatusServer: Service {
  let address: ListenAddress
  let state: DaemonState

  func run() async throws {
    let server = HTTPServer(
      config: .init(address: try address.socketAddress, logger: .disabled))
    await addRoutes(to: server)
    do {
      try await withGracefulShutdownHandler {
        try await server.run()
      } onGracefulShutdown: {
        Task { await server.stop(timeout: 0.5) }
      }
    } catch {
      if Task.isCancelled || Task.isShuttingDownGracefully { return }
      guard case SocketError.failed(_, _, let message) = error else { throw error }
      throw Failure(.failure, "error: --listen: \(address): \(message); a free port is needed")
    }
  }

  private func addRoutes(to server: HTTPServer) async {
    let state = state
    await server.appendRoute("GET,HEAD /healthz") { _ in
      let illness = state.illness
      return Self.text(illness == nil ? .ok : .serviceUnavailable, illness ?? "ok")
    }
    await server.appendRoute("GET,HEAD /readyz") { _ in
      let (isReady, text) = state.readiness
      return Self.text(isReady ? .ok : .serviceUnavailable, text)
    }
    await server.appendRoute("GET,HEAD /metrics") { _ in
      HTTPResponse(
        statusCode: .ok, headers: [.contentType: MetricFamily.contentType],
        body: Data(state.metricsText.utf8))
    }
  }

  private static func text(_ status: HTTPStatusCode, _ text: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: Data((text + "\n").utf8))
  }
}
