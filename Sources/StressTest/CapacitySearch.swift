import Glibc
package import Tuning

/// The search for the greatest rate that a candidate sustains, as a value: give it the step that
/// it asked for, and it says what to offer next. Deterministic; ends after `stepsMax` windows or
/// `timeBudget` seconds of load at the latest, twice as many while no rate has held.
///
/// It approaches by doubling in short windows (skipped where the rate to expect is known),
/// brackets, bisects in the logarithm of the rate, and confirms the edge with a second window: a
/// rate whose two windows together don't hold is a failed one, and the search goes on below it.
package struct CapacitySearch: Sendable {
  package enum Decision: Hashable, Sendable {
    case probe(LoadProbe)
    case finished(CapacityResult)
  }

  /// A step and the rate it was asked for.
  struct Attempt: Sendable {
    let probe: LoadProbe
    let step: LoadStep
    var isJudged: Bool { probe.purpose != .approach }
  }

  package static let stepsMax = 24

  let plan: StressPlan
  private(set) var attempts: [Attempt] = []
  private let first: Rate
  private var phase: Phase
  private var pending: LoadProbe?
  private var secondsSpent = 0.0

  private enum Phase {
    case incumbent, approach, judge
  }

  /// - Parameters:
  ///   - plan: bounds, tolerance, time, and what is known of the rate.
  ///   - startRate: where to begin doubling when the plan expects no rate.
  package init(plan: StressPlan, startRate: Rate? = nil) {
    self.plan = plan
    if let incumbentRate = plan.incumbentRate {
      phase = .incumbent
      first = plan.clamped(incumbentRate)
    } else if let expectedRate = plan.expectedRate {
      phase = .judge
      first = plan.clamped(expectedRate)
    } else {
      phase = .approach
      first = plan.clamped(startRate ?? plan.rateMin * 8)
    }
  }

  /// What to do after `step`, which must be nil on the first call only.
  package mutating func next(after step: LoadStep?) -> Decision {
    guard let step, let probe = pending else { return offer(first) }
    pending = nil
    attempts.append(Attempt(probe: probe, step: step))
    secondsSpent += probe.duration.seconds
    if attempts.count >= Self.stepsMax { return finish() }
    switch phase {
    case .incumbent: return afterIncumbent(step, at: probe.rate)
    case .approach: return afterApproach(step, at: probe.rate)
    case .judge: return afterJudged(step, at: probe.rate)
    }
  }
}

// MARK: - Transitions

extension CapacitySearch {
  /// A rate that fails beyond doubt ends the search; one that fails narrowly gets a second window.
  private mutating func afterIncumbent(_ step: LoadStep, at rate: Rate) -> Decision {
    if step.holds {
      phase = .judge
      return afterJudged(step, at: rate)
    }
    return failsClearly(step) || attempts.count > 1 ? .finished(.below(rate)) : offer(rate)
  }

  private mutating func afterApproach(_ step: LoadStep, at rate: Rate) -> Decision {
    if step.holds, rate < plan.rateMax { return offer(plan.clamped(rate * 2)) }
    phase = .judge
    if step.holds { return offer(rate) }
    let held = attempts.last { $0.step.holds }?.probe.rate
    let target = isSaturated(step) ? step.achievedRate * 0.8 : rate.perSecond / fall(step)
    let lowest = held ?? plan.rateMin
    return offer(plan.clamped(Rate(perSecond: min(max(target, lowest.perSecond), rate.perSecond))))
  }

  /// Brackets, bisects, and gives the rate that holds a second window, and the one that fails too
  /// where the curve through all steps contradicts it.
  private mutating func afterJudged(_ step: LoadStep, at rate: Rate) -> Decision {
    guard let held = greatestHeld else {
      guard rate <= plan.rateMin else { return offer(plan.clamped(retreat(from: step, at: rate))) }
      return failsClearly(step) || windows(at: rate) > 1
        ? .finished(.nothingHolds(lowest: step)) : offer(rate)
    }
    if held >= plan.rateMax { return .finished(.atLeast(held)) }
    guard let failed = leastFailed else { return offer(plan.clamped(advance(from: held))) }
    if failed.perSecond > held.perSecond * (1 + plan.tolerance) {
      return offer(Rate(perSecond: (held.perSecond * failed.perSecond).squareRoot()))
    }
    if windows(at: held) < 2 { return offer(held, .confirm) }
    if windows(at: failed) < 2, fit.exceeds(failed) { return offer(failed, .confirm) }
    return finish()
  }

  /// Where to go when nothing held yet: to where it would not be saturated, or as far down as the
  /// broken bound asks for; further each time.
  private func retreat(from step: LoadStep, at rate: Rate) -> Rate {
    let failures = attempts.count { $0.isJudged && !$0.step.holds }
    let further = pow(1.5, Double(max(failures - 1, 0)))
    if isSaturated(step) {
      return Rate(perSecond: min(step.achievedRate * 0.85, rate.perSecond / 1.2) / further)
    }
    return rate * (1 / (fall(step) * further))
  }

  /// Where to go when nothing failed yet: a quarter up, then a half, then twice; not beyond half
  /// of the way to a rate that failed in a short window.
  private func advance(from held: Rate) -> Rate {
    let successes = attempts.count { $0.isJudged && $0.step.holds }
    let factor = successes <= 1 ? 1.25 : successes == 2 ? 1.5 : 2
    let ceiling = attempts.filter { !$0.isJudged && !$0.step.holds && $0.probe.rate > held }
      .map(\.probe.rate.perSecond).min()
    let target = held.perSecond * factor
    guard let ceiling, target >= ceiling else { return Rate(perSecond: target) }
    return Rate(perSecond: (held.perSecond * ceiling).squareRoot())
  }

  private func fall(_ step: LoadStep) -> Double {
    let pressure = plan.limits.pressure(of: step) ?? 2
    return min(max(pressure, 1.3), 8)
  }

  private func isSaturated(_ step: LoadStep) -> Bool {
    step.achievedRate < 0.9 * step.offeredRate && step.achievedRate > 0
  }

  private func failsClearly(_ step: LoadStep) -> Bool {
    step.achievedRate < 0.85 * step.offeredRate || step.errorRate > 0.5
      || plan.limits.pressure(of: step) ?? 0 > 1.5
  }
}

// MARK: - Windows and their verdicts

extension CapacitySearch {
  /// The window at a rate, or the end when there's no time for it.
  private mutating func offer(_ rate: Rate, _ purpose: LoadProbe.Purpose? = nil) -> Decision {
    let purpose = purpose ?? (phase == .approach ? .approach : .judge)
    let seconds = purpose == .approach ? approachSeconds(rate) : judgeSeconds(rate)
    guard secondsSpent + seconds <= budgetSeconds || attempts.isEmpty else { return finish() }
    let probe = LoadProbe(
      rate: rate, duration: .milliseconds(Int64((seconds * 1_000).rounded())), purpose: purpose)
    pending = probe
    return .probe(probe)
  }

  /// A search that has found nothing yet that holds goes on for as long again: that time ran out
  /// says nothing about the candidate.
  private var budgetSeconds: Double {
    plan.timeBudget.seconds * (greatestHeld == nil ? 2 : 1)
  }

  private func approachSeconds(_ rate: Rate) -> Double {
    min(max(30 / rate.perSecond, 0.75), 2)
  }

  /// Long enough for its 99th percentile to mean something, as far as the time that is left
  /// allows for the windows still to be expected.
  private func judgeSeconds(_ rate: Rate) -> Double {
    let shortest = plan.stepDuration.seconds
    let left = plan.timeBudget.seconds - secondsSpent
    let judged = attempts.count { $0.isJudged }
    let share = left / Double(max(6 - judged, 2))
    let wanted = min(
      Double(StressPlan.requestsWanted) / rate.perSecond, plan.stepDurationMax.seconds)
    return max(shortest, min(wanted, share))
  }

  /// The greatest rate that held, below all that failed.
  private var greatestHeld: Rate? {
    let failed = leastFailed
    return judgedRates.filter { rate in holds(rate) && failed.map { rate < $0 } ?? true }.max()
  }

  private var leastFailed: Rate? { judgedRates.filter { !holds($0) }.min() }

  private var judgedRates: Set<Rate> { Set(attempts.filter(\.isJudged).map(\.probe.rate)) }

  private func windows(at rate: Rate) -> Int {
    attempts.count { $0.isJudged && $0.probe.rate == rate }
  }

  /// Whether all windows at a rate together hold: each does, or those that don't break a latency
  /// bound so narrowly that the mean over the windows keeps it.
  private func holds(_ rate: Rate) -> Bool {
    let steps = attempts.filter { $0.isJudged && $0.probe.rate == rate }.map(\.step)
    if steps.allSatisfy(\.holds) { return true }
    guard steps.contains(where: \.holds), steps.allSatisfy(plan.limits.holdsButForLatency) else {
      return false
    }
    let pressures = steps.compactMap(plan.limits.pressure)
    return pressures.reduce(0, +) <= Double(pressures.count)
  }

  private var fit: PressureFit { PressureFit(attempts.filter(\.isJudged), limits: plan.limits) }

  private func finish() -> Decision {
    guard let held = greatestHeld else { return .finished(resultWithoutHeld) }
    return .finished(
      .found(
        Capacity(
          rate: fit.edge(between: held, and: leastFailed), greatestHeld: held,
          leastFailed: leastFailed, isConfirmed: windows(at: held) > 1)))
  }

  /// Time ran out: what held in a short window is better than nothing.
  private var resultWithoutHeld: CapacityResult {
    if let rate = attempts.filter({ $0.step.holds && $0.probe.rate < leastFailed ?? plan.rateMax })
      .map(\.probe.rate).max()
    {
      return .found(
        Capacity(rate: rate, greatestHeld: rate, leastFailed: leastFailed, isConfirmed: false))
    }
    // A rate that held once and then didn't has failed.
    let lowest = attempts.filter { !$0.step.holds }.min { $0.probe.rate < $1.probe.rate }
    return lowest.map { .nothingHolds(lowest: $0.step) } ?? .atLeast(.zero)
  }
}
