package import Tuning

/// What happens in the course of a candidate's test, for whoever watches.
package enum StressEvent: Sendable {
  case waitingUntilReady
  /// It answered its first request, so long after the test began.
  case answered(after: Duration)
  case warmingUp(Rate)
  case offering(LoadProbe)
  /// A few times a second while a window is sent.
  case sending(WindowProgress)
  case measured(LoadStep)
  case finished(CapacityResult)
}
