package import Tuning

/// How a candidate is put to the test.
package struct StressPlan: Hashable, Sendable {
  /// What is looked for.
  package enum Aim: Hashable, Sendable {
    /// The greatest rate that holds the limits.
    case capacity
    /// What one load does that goes on for so long, and whether the limits hold under it.
    case load(Rate, Duration)
    /// The same for a load that something else than one rate decides on.
    case given(GivenLoad)
  }

  package var aim = Aim.capacity
  package var arrival: ArrivalSchedule
  package var limits: LoadLimits
  /// Load before the first window that counts.
  package var warmUp: Duration
  /// The shortest window to judge by.
  package var stepDuration: Duration
  /// The longest window, for rates so low that the shortest would hold too few requests.
  package var stepDurationMax: Duration
  package var rateMin: Rate
  /// The most that the generator can offer.
  package var rateMax: Rate
  /// When a request without an answer has failed.
  package var timeout: Duration
  /// The relative width of the bracket at which the search for the capacity ends.
  package var tolerance: Double
  /// Seconds of load in all windows together, at most.
  package var timeBudget: Duration
  /// When a candidate that hasn't answered one request is given up.
  package var readinessDeadline: Duration
  /// How often a candidate is looked at; doubles up to ten times as much while it starts.
  package var pollInterval: Duration
  /// Where the capacity probably is; nil where nothing is known.
  package var expectedRate: Rate?
  /// A candidate that can't sustain this rate isn't interesting: it is cut early and reported as
  /// censored. Nil to measure it whatever it sustains.
  package var incumbentRate: Rate?
  /// Whether one load ends as soon as it is certain that the limits hold, or that they don't.
  package var stopsEarly = false
  package var seed: UInt64

  /// - Parameters:
  ///   - constraints: what must hold; those on anything but latency and errors are left out.
  ///   - timeout: by default ten times the tightest latency bound, from 2 to 10 seconds.
  package init(
    constraints: [Constraint], arrival: ArrivalSchedule = .poisson,
    warmUp: Duration = .seconds(1), stepDuration: Duration = .milliseconds(2_500),
    stepDurationMax: Duration = .seconds(8), rateMin: Rate = Rate(perSecond: 1),
    rateMax: Rate = Rate(perSecond: 20_000), timeout: Duration? = nil, tolerance: Double = 0.08,
    timeBudget: Duration = .seconds(30), readinessDeadline: Duration = .seconds(120),
    pollInterval: Duration = .milliseconds(100), expectedRate: Rate? = nil,
    incumbentRate: Rate? = nil, seed: UInt64 = 0
  ) {
    self.arrival = arrival
    self.limits = LoadLimits(constraints: constraints)
    self.warmUp = warmUp
    self.stepDuration = stepDuration
    self.stepDurationMax = max(stepDurationMax, stepDuration)
    self.rateMin = rateMin
    self.rateMax = max(rateMax, rateMin)
    self.timeout = timeout ?? Self.defaultTimeout(latencyMax: limits.latencyMax)
    self.tolerance = tolerance
    self.timeBudget = timeBudget
    self.readinessDeadline = readinessDeadline
    self.pollInterval = pollInterval
    self.expectedRate = expectedRate
    self.incumbentRate = incumbentRate
    self.seed = seed
  }

  /// Requests that a window should hold, so that its 99th percentile means something.
  package static let requestsWanted = 200

  private static func defaultTimeout(latencyMax: Double?) -> Duration {
    guard let latencyMax else { return .seconds(10) }
    return .milliseconds(Int64(min(max(10 * latencyMax, 2_000), 10_000)))
  }

  /// The rate within what may be offered: the one load that is asked for, if it is one.
  func clamped(_ rate: Rate) -> Rate {
    if case .load(let only, _) = aim { return only }
    return min(max(rate, rateMin), rateMax)
  }

  /// The window of the `ordinal`-th probe.
  package func window(rate: Rate, duration: Duration, ordinal: Int) -> LoadWindow {
    LoadWindow(
      intendedStarts: arrival.intendedStarts(
        rate: rate, duration: duration, seed: seed &+ UInt64(ordinal) &* 0x9E37_79B9),
      duration: duration, timeout: timeout,
      outstandingMax: outstandingMax(rate: rate, duration: duration))
  }

  /// The window of a probe, which ends early where the probe only wants a verdict.
  package func window(for probe: LoadProbe, ordinal: Int) -> LoadWindow {
    var window = window(rate: probe.rate, duration: probe.duration, ordinal: ordinal)
    window.leadIn = probe.leadIn
    let endsEarly = if case .load = aim { stopsEarly } else { probe.purpose == .judge }
    if endsEarly {
      window.stopRule = StopRule(
        limits: limits, requests: window.intendedStarts.count, rate: probe.rate,
        leadIn: probe.leadIn)
    }
    return window
  }

  /// So many requests in flight that, by Little's law, the latency is three times the bound and
  /// the late ones alone are more than the 1 % that a 99th percentile forgives.
  private func outstandingMax(rate: Rate, duration: Duration) -> Int {
    let latency = min(limits.latencyMax.map { 3 * $0 / 1_000 } ?? .infinity, timeout.seconds)
    let expected = rate.perSecond * duration.seconds
    return max(32, Int(rate.perSecond * latency), Int(0.05 * expected))
  }
}
