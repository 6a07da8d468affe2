import Glibc
package import Tuning

/// The search for the greatest rate that a candidate sustains, as a value: give it what the window
/// showed that it asked for, and it says what to offer next. Deterministic; ends after `stepsMax`
/// windows or `timeBudget` seconds of load at the latest, twice as many while no rate has held.
///
/// It approaches by doubling in short windows (skipped where the rate to expect is known), brackets,
/// and then offers rates on either side of where the edge lies given all windows so far, until its
/// 90 % interval is as narrow as the tolerance. A last whole window at a rate within the interval
/// gives the numbers that are reported. No window decides alone: the edge is `EdgePosterior`'s.
package struct CapacitySearch: Sendable {
  package enum Decision: Hashable, Sendable {
    case probe(LoadProbe)
    case finished(CapacityResult)
  }

  /// A window and what it was asked for.
  struct Attempt: Sendable {
    let probe: LoadProbe
    let seen: Observation
    var rate: Rate { probe.rate }
    var step: LoadStep { seen.step }
    var isJudged: Bool { probe.purpose != .approach && !seen.wasGeneratorBottleneck }
  }

  package static let stepsMax = 24
  /// Fewer windows may agree by chance.
  private static let judgedMin = 5

  let plan: StressPlan
  private(set) var attempts: [Attempt] = []
  private let first: Rate
  private var phase: Phase
  private var pending: LoadProbe?
  private var secondsSpent = 0.0
  /// The most that the generator can offer, where it was found out.
  private var generatorMax: Rate?

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

  /// What to do after a window, which must be nil on the first call only.
  package mutating func next(after seen: Observation?) -> Decision {
    guard let seen, let probe = pending else { return offer(first) }
    pending = nil
    attempts.append(Attempt(probe: probe, seen: seen))
    secondsSpent += min(seen.seconds, probe.duration.seconds)
    if attempts.count >= Self.stepsMax { return finish() }
    if seen.wasGeneratorBottleneck { return afterBottleneck(at: probe.rate) }
    switch phase {
    case .incumbent: return afterIncumbent(seen, at: probe.rate)
    case .approach: return afterApproach(seen.step, at: probe.rate)
    case .judge: return afterJudged(seen.step, at: probe.rate)
    }
  }

  private var rateMax: Rate { min(generatorMax ?? plan.rateMax, plan.rateMax) }
  private func clamped(_ rate: Rate) -> Rate { min(plan.clamped(rate), rateMax) }
}

// MARK: - Transitions

extension CapacitySearch {
  /// A window that says more of the generator than of the candidate counts for nothing; less is
  /// offered from then on.
  private mutating func afterBottleneck(at rate: Rate) -> Decision {
    let held = attempts.filter { $0.step.holds && !$0.seen.wasGeneratorBottleneck }.map(\.rate)
      .max()
    let most = max(rate * 0.7, held ?? plan.rateMin)
    generatorMax = min(generatorMax ?? most, most)
    let failures = attempts.count { $0.seen.wasGeneratorBottleneck }
    guard failures < 4, rate > plan.rateMin else {
      return held == nil ? .finished(.generatorBound(rate)) : finish()
    }
    if phase == .approach { phase = .judge }
    return offer(most)
  }

  /// A rate that fails twice ends the search: a single pause lets a good candidate fail once, and look
  /// saturated too. One that is undecided gets the benefit of the doubt after that.
  private mutating func afterIncumbent(_ seen: Observation, at rate: Rate) -> Decision {
    if !seen.step.holds {
      guard attempts.count > 1 else { return offer(rate) }
      if seen.conclusion == .fails || edge.rate(0.95) < rate { return .finished(.below(rate)) }
    }
    phase = .judge
    return afterJudged(seen.step, at: rate)
  }

  private mutating func afterApproach(_ step: LoadStep, at rate: Rate) -> Decision {
    if step.holds, rate < rateMax { return offer(clamped(rate * 2)) }
    phase = .judge
    if step.holds { return offer(rate) }
    let held = attempts.last { $0.step.holds }?.rate
    let target = isSaturated(step) ? step.achievedRate * 0.8 : rate.perSecond / fall(step)
    let lowest = held ?? plan.rateMin
    return offer(clamped(Rate(perSecond: min(max(target, lowest.perSecond), rate.perSecond))))
  }

  private mutating func afterJudged(_ step: LoadStep, at rate: Rate) -> Decision {
    let judged = attempts.filter(\.isJudged)
    guard judged.contains(where: \.step.holds) else {
      guard rate <= plan.rateMin else { return offer(clamped(retreat(from: step, at: rate))) }
      return failsClearly(step) || judged.count { $0.rate == rate } > 1
        ? .finished(.nothingHolds(lowest: step)) : offer(rate)
    }
    guard let failed = judged.filter({ !$0.step.holds }).map(\.rate).min() else {
      guard let held = judged.map(\.rate).max(), held < rateMax else {
        return judged.count { $0.rate >= rateMax } > 1
          ? .finished(.atLeast(rateMax)) : offer(rateMax)
      }
      return offer(advance(from: held))
    }
    let edge = edge
    if judged.count >= Self.judgedMin, edge.halfWidth <= log(1 + plan.tolerance) {
      return isMeasured(by: edge) ? finish() : offer(reportRate(edge), .confirm)
    }
    // Time for one more window is kept for the numbers that are reported.
    let left = plan.timeBudget.seconds - secondsSpent
    if left < judgeSeconds(rate) + plan.stepDuration.seconds, !isMeasured(by: edge) {
      return offer(reportRate(edge), .confirm)
    }
    return offer(refinement(edge, failed: failed))
  }

  /// On either side of the edge in turn, at a distance that its uncertainty suggests; not far beyond
  /// what was seen.
  private func refinement(_ edge: EdgePosterior, failed: Rate) -> Rate {
    let distance = min(max(edge.halfWidth / 2, plan.tolerance / 3), 0.2)
    let side = attempts.count { $0.isJudged }.isMultiple(of: 2) ? 1.0 : -1.0
    let target = edge.rate(0.5) * exp(side * distance)
    let held = attempts.filter { $0.isJudged && $0.step.holds }.map(\.rate).max() ?? plan.rateMin
    return clamped(min(max(target, min(held, failed) * 0.8), max(held, failed) * 1.1))
  }

  /// Where to go when nothing held yet: as far down as one window says, but not below where all of them
  /// say that the edge is.
  private func retreat(from step: LoadStep, at rate: Rate) -> Rate {
    max(distantRetreat(from: step, at: rate), min(edge.rate(0.25), rate * 0.85))
  }

  /// To where it would not be saturated, or as far down as the broken bound asks for; further each
  /// time.
  private func distantRetreat(from step: LoadStep, at rate: Rate) -> Rate {
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
    let ceiling = attempts.filter { !$0.isJudged && !$0.step.holds && $0.rate > held }
      .map(\.rate.perSecond).min()
    let target = held.perSecond * factor
    // A short window is weak evidence: once a longer one held nearby, it no longer counts.
    guard let ceiling, target >= ceiling, held.perSecond < 0.75 * ceiling else {
      return clamped(Rate(perSecond: target))
    }
    return clamped(Rate(perSecond: (held.perSecond * ceiling).squareRoot()))
  }

  private func fall(_ step: LoadStep) -> Double {
    let pressure = plan.limits.pressure(of: step) ?? 2
    return min(max(pressure, 1.3), 8)
  }

  func isSaturated(_ step: LoadStep) -> Bool {
    step.achievedRate < 0.9 * step.offeredRate && step.achievedRate > 0
  }

  private func failsClearly(_ step: LoadStep) -> Bool {
    step.achievedRate < 0.85 * step.offeredRate || step.errorRate > 0.5
      || plan.limits.pressure(of: step) ?? 0 > 1.5
  }
}

// MARK: - Windows

extension CapacitySearch {
  /// The window at a rate, or the end when there's no time for it.
  private mutating func offer(_ rate: Rate, _ purpose: LoadProbe.Purpose? = nil) -> Decision {
    let purpose = purpose ?? (phase == .approach ? .approach : .judge)
    let seconds = purpose == .approach ? approachSeconds(rate) : judgeSeconds(rate)
    guard secondsSpent + seconds <= budgetSeconds || attempts.isEmpty else { return finish() }
    let leadIn = purpose == .approach ? 0 : leadInSeconds(rate, of: seconds)
    let probe = LoadProbe(
      rate: rate, duration: .milliseconds(Int64((seconds * 1_000).rounded())),
      leadIn: .milliseconds(Int64(leadIn * 1_000)), purpose: purpose)
    pending = probe
    return .probe(probe)
  }

  /// A search that has found nothing yet that holds goes on for as long again: that time ran out
  /// says nothing about the candidate.
  private var budgetSeconds: Double {
    plan.timeBudget.seconds * (attempts.contains { $0.isJudged && $0.step.holds } ? 1 : 2)
  }

  private func approachSeconds(_ rate: Rate) -> Double {
    min(max(30 / rate.perSecond, 0.75), 2)
  }

  /// Long enough for its 99th percentile to mean something and to forget how it began, as far as
  /// the time that is left allows for the windows still to be expected.
  private func judgeSeconds(_ rate: Rate) -> Double {
    let shortest = plan.stepDuration.seconds
    let left = plan.timeBudget.seconds - secondsSpent
    let judged = attempts.count { $0.isJudged }
    let share = left / Double(max(5 - judged, 2))
    let longest = max(plan.stepDurationMax.seconds, plan.timeBudget.seconds / 6)
    let requests =
      max(Double(StressPlan.requestsWanted), 40 * (memory ?? 1)) / rate.perSecond
    let filled = Self.boundsInWindow * (plan.limits.latencyMax ?? 0) / 1_000
    return max(shortest, min(max(requests, filled), longest, share))
  }

  /// A queue that is sometimes as long as the bound takes a few times the bound to become so.
  private static let boundsInWindow = 18.0
  private static let boundsInLeadIn = 5.0

  /// As long as it takes to fill the queue, and four times as long as the requests remember those
  /// before them, as far as that is known.
  private func leadInSeconds(_ rate: Rate, of seconds: Double) -> Double {
    let filling = Self.boundsInLeadIn * (plan.limits.latencyMax ?? 0) / 1_000
    let remembered = memory.map { 4 * $0 / rate.perSecond } ?? 0.15 * seconds
    return min(max(filling, remembered, 0.05 * seconds), 0.35 * seconds)
  }
}

// MARK: - The end

extension CapacitySearch {
  /// Within the interval, below the edge rather than above: its numbers are what the candidate does
  /// when the bounds hold.
  private func reportRate(_ edge: EdgePosterior) -> Rate {
    let lowest = attempts.filter { $0.probe.purpose == .confirm }.map(\.rate).min()
    let rate = edge.rate(0.25)
    return clamped(lowest.map { min($0 * 0.95, rate) } ?? rate)
  }

  private func isMeasured(by edge: EdgePosterior) -> Bool {
    let confirmed = attempts.filter { $0.probe.purpose == .confirm }
    return confirmed.contains(where: \.step.holds) || confirmed.count > 2
  }

  private func finish() -> Decision {
    let judged = attempts.filter(\.isJudged)
    guard judged.contains(where: \.step.holds) else { return .finished(resultWithoutHeld) }
    let edge = edge
    let middle = edge.rate(0.5)
    let holding = judged.filter { $0.step.holds }.map(\.rate)
    let held =
      holding.filter { $0 <= middle * (1 + plan.tolerance) }.max() ?? holding.min() ?? middle
    let failed = judged.filter { !$0.step.holds && $0.rate > held }.map(\.rate).min()
    guard failed != nil || generatorMax == nil else { return .finished(.atLeast(held)) }
    let near = judged.count { abs(log($0.rate.perSecond / middle.perSecond)) < 0.15 }
    return .finished(
      .found(
        Capacity(
          rate: middle, interval: edge.interval, greatestHeld: held, leastFailed: failed,
          isConfirmed: near > 1)))
  }

  /// Time ran out: what held in a short window is better than nothing.
  private var resultWithoutHeld: CapacityResult {
    let failing = attempts.filter { !$0.step.holds && !$0.seen.wasGeneratorBottleneck }
    let leastFailed = failing.filter(\.isJudged).map(\.rate).min()
    let held = attempts.filter {
      $0.step.holds && !$0.seen.wasGeneratorBottleneck && $0.rate < leastFailed ?? plan.rateMax
    }
    if let rate = held.map(\.rate).max() {
      return .found(
        Capacity(
          rate: rate,
          interval: Interval(
            lower: 0, upper: (leastFailed ?? rate * 2).perSecond),
          greatestHeld: rate, leastFailed: leastFailed, isConfirmed: false))
    }
    let lowest = failing.min { $0.rate < $1.rate }
    if let lowest { return .nothingHolds(lowest: lowest.step) }
    return attempts.isEmpty ? .atLeast(.zero) : .generatorBound(attempts[0].rate)
  }
}
