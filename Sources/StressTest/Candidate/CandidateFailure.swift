import Tuning

/// Why a candidate can't go on, before its last log lines are fetched.
struct CandidateFailure: Error {
  let reason: Infeasibility.Reason
  let phase: Infeasibility.Phase
  let detail: String
  var measurement: Measurement?

  init(
    _ reason: Infeasibility.Reason, _ phase: Infeasibility.Phase, _ detail: String,
    measurement: Measurement? = nil
  ) {
    self.reason = reason
    self.phase = phase
    self.detail = detail
    self.measurement = measurement
  }

  static let logLinesKept = 20

  func infeasibility(of candidate: Candidate) async -> Infeasibility {
    Infeasibility(
      reason, phase, detail: detail, lastLogLines: await candidate.lastLogLines(Self.logLinesKept),
      measurement: measurement)
  }
}
