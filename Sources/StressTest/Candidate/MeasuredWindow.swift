import Tuning

/// A window of the search and what was seen in it.
struct MeasuredWindow: Sendable {
  let probe: LoadProbe
  let summary: LoadStepSummary
  /// Right answers, those in the warm-up included.
  let successes: Int
  /// CPU time that the candidate spent in the window; nil where the platform can't tell.
  let cpu: Duration?

  /// Whether the candidate may still be busy with requests that were given up, or hang.
  var leavesDoubt: Bool {
    summary.step.errors[RequestResult.timedOut.rawValue] != nil
      || summary.step.errorRate > 0.5
  }
}
