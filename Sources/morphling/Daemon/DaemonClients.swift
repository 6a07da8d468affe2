import CustomResources
import Kubernetes
import Transport

/// The daemon's ways to the API server. The lead is held over a way of its own: work that uses up
/// its share of requests must not cost the lead.
struct DaemonClients {
  let work: Client
  /// Asks once: whoever holds a lease asks again in any case.
  let lease: Client
  let server: String

  /// - Parameter count: told of every answer, and of every lack of one.
  init(
    _ options: DaemonOptions,
    count: @escaping @Sendable (APIRequest, Result<Int, APIFailure>) -> Void
  ) throws {
    do {
      let configuration = try ClusterConfiguration.found(
        kubeconfig: options.kubeconfig, context: options.context)
      server = configuration.server
      work = Client(
        over: try .live(configuration).counted(count), pacing: Self.pacing(.requests),
        manager: "morphling")
      lease = Client(
        over: try .live(configuration).counted(count),
        pacing: Self.pacing(Backoff(base: .zero, limit: .zero, attemptsMax: 1)),
        manager: "morphling")
    } catch let error as ClusterConfigurationError {
      throw Failure(.failure, "error: \(error)")
    } catch let error as Diagnostics {
      throw Failure(.failure, error.description)
    }
  }

  private static func pacing(_ backoff: Backoff) -> RequestPacing {
    RequestPacing(backoff: backoff, clock: ContinuousClock()) { Double.random(in: 0..<1) }
  }
}

extension Connection {
  fileprivate func counted(
    _ count: @escaping @Sendable (APIRequest, Result<Int, APIFailure>) -> Void
  ) -> Connection {
    let (send, open) = (send, open)
    return Connection(
      send: { request in
        do {
          let response = try await send(request)
          count(request, .success(response.status))
          return response
        } catch let failure as APIFailure {
          count(request, .failure(failure))
          throw failure
        }
      },
      open: { request in
        do {
          let stream = try await open(request)
          count(request, .success(stream.status))
          return stream
        } catch let failure as APIFailure {
          count(request, .failure(failure))
          throw failure
        }
      })
  }
}
