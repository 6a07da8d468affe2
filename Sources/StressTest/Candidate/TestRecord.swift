import Tuning

/// What a test leaves behind while it goes on.
struct TestRecord: Sendable {
  let aim: StressPlan.Aim
  /// In the order in which they were offered.
  var windows: [MeasuredWindow] = []
  /// Those whose numbers are given.
  var reported: [MeasuredWindow] = []
  /// Load before the first window.
  var warmUp = Duration.zero
  var generatorCPU = Duration.zero
  /// What the candidate used in the end.
  var usage = Candidate.Usage()

  init(aim: StressPlan.Aim) { self.aim = aim }
}
