import Controllers
import CustomResources
import Kubernetes
import Reporting
import Synchronization

/// What the daemon counts while it runs.
final class DaemonMetrics: Sendable {
  fileprivate struct Counts {
    var reconciles: [[String]: Double] = [:]
    var durations: [[String]: Histogram] = [:]
    var notices: [[String]: Double] = [:]
    var trials: [[String]: Double] = [:]
    var requests: [[String]: Double] = [:]
    var requestFailures: [[String]: Double] = [:]
  }

  private let counts = Mutex(Counts())

  /// In seconds: a reconcile is a few requests, mostly.
  fileprivate static let durationBounds = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15, 60, 300]

  // MARK: Counting

  func note(_ event: ControllerEvent) {
    counts.withLock { counts in
      switch event {
      case .reconciled(let controller, _, _, let took):
        counts.reconciles[[controller, "success"], default: 0] += 1
        counts.observe(took, controller)
      case .failed(let controller, _, let error, _, let took):
        let isConflict = (error as? APIFailure)?.reason == .conflict
        counts.reconciles[[controller, isConflict ? "conflict" : "failure"], default: 0] += 1
        counts.observe(took, controller)
      case .changed(.trials, .modified(let old, let new)):
        if let outcome = Self.outcome(of: new), Self.outcome(of: old) == nil {
          counts.trials[[outcome], default: 0] += 1
        }
      case .changed, .watchFailed, .kindMissing, .kindFound: break
      }
    }
  }

  func note(_ notice: Notice) {
    counts.withLock { $0.notices[[notice.reason, notice.severity.rawValue], default: 0] += 1 }
  }

  func note(_ request: APIRequest, _ answer: Result<Int, APIFailure>) {
    counts.withLock { counts in
      let method = request.query.contains { $0.name == "watch" } ? "WATCH" : request.method.rawValue
      switch answer {
      case .success(let status):
        counts.requests[[method, String(status)], default: 0] += 1
        if status >= 400 {
          let failure = APIFailure(
            APIResponse(status: status, body: []), operation: request.operation)
          counts.requestFailures[[failure.reason.word], default: 0] += 1
        }
      case .failure(let failure):
        counts.requestFailures[[failure.reason.word], default: 0] += 1
      }
    }
  }

  /// How a trial ended; nil for one that hasn't.
  private static func outcome(of trial: KubernetesObject) -> String? {
    guard let phase = trial.status?["phase"]?.string.flatMap(TrialPhase.init),
      [.succeeded, .infeasible].contains(phase)
    else { return nil }
    return trial.status?["reason"]?.string ?? phase.rawValue
  }

  // MARK: Families

  var families: [MetricFamily] {
    let counts = counts.withLock { $0 }
    return [
      .counter(
        "morphling_reconciles_total", "Reconciled keys by controller and result.",
        labels: ["controller", "result"], counts.reconciles),
      .histogram(
        "morphling_reconcile_duration_seconds", "How long reconciling a key took.",
        labels: ["controller"], counts.durations),
      .counter(
        "morphling_trials_total", "Trials that ended while this daemon watched, by outcome.",
        labels: ["outcome"], counts.trials),
      .counter(
        "morphling_notices_total", "Decisions and findings, by reason and severity.",
        labels: ["reason", "severity"], counts.notices),
      .counter(
        "morphling_api_requests_total", "Answers of the API server by method and status.",
        labels: ["method", "code"], counts.requests),
      .counter(
        "morphling_api_failures_total", "Requests to the API server that failed, by reason.",
        labels: ["reason"], counts.requestFailures),
    ]
  }
}

extension DaemonMetrics.Counts {
  fileprivate mutating func observe(_ duration: Duration, _ controller: String) {
    durations[[controller], default: Histogram(bounds: DaemonMetrics.durationBounds)]
      .observe(duration / .seconds(1))
  }
}

extension APIFailure.Reason {
  /// One word, as a label's value.
  var word: String {
    switch self {
    case .invalid: "invalid"
    case .serverError: "serverError"
    case .refused: "refused"
    case .transport(let problem): "\(problem)"
    case .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .alreadyExists,
      .conflict, .expired, .unsupportedMediaType, .tooManyRequests, .timeout, .unreadable:
      "\(self)"
    }
  }
}
