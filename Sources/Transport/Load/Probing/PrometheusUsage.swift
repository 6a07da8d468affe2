import Kubernetes
package import StressTest
import Synchronization
import Tuning

/// Follows what a candidate uses, as a Prometheus knows it.
///
/// The figures are as fine and as late as Prometheus' own look at them, mostly 15 to 60 seconds: good
/// for a peak over a test, not for one load step.
package final class PrometheusUsage: Sendable {
  private let source: UsageSource
  private let connection: Connection
  private let state = Mutex(State())

  private struct State {
    var usage = Candidate.Usage()
    var problem: String?
  }

  package init(_ source: UsageSource) throws(ClusterConfigurationError) {
    self.source = source
    connection = try .live(ClusterConfiguration(server: source.prometheus.description))
  }

  /// What is known by now.
  package var usage: Candidate.Usage { state.withLock(\.usage) }

  /// Why the last question had no answer; nil if it had one.
  package var problem: String? { state.withLock(\.problem) }

  /// Asks again and again until the task is cancelled, sooner after a question without an answer.
  package func follow(every interval: Duration = .seconds(5)) async {
    let start = ContinuousClock.now
    while !Task.isCancelled {
      // From before the start: its container is older than the test.
      await ask(over: ContinuousClock.now - start + .seconds(600))
      try? await Task.sleep(for: problem == nil ? interval : interval / 10)
    }
  }

  /// Asks once, for what was used in that time.
  package func ask(over time: Duration) async {
    var problem: String?
    do {
      var request = APIRequest(
        method: .get, path: "/api/v1/query", operation: "ask \(source.prometheus) for usage",
        isIdempotent: true, timeout: .seconds(5))
      request.query = [.init(name: "query", value: source.query(over: time))]
      let response = try await connection.send(request)
      if response.status == 200 {
        let usage = try Candidate.Usage(prometheus: response.body)
        state.withLock { $0.usage = $0.usage.raised(to: usage) }
      } else {
        problem = "\(source.prometheus): status \(response.status)"
      }
    } catch let failure as APIFailure {
      problem = "\(source.prometheus): \(failure.message)"
    } catch {
      problem = "\(source.prometheus): its answer is none of Prometheus"
    }
    state.withLock { $0.problem = problem }
  }
}
