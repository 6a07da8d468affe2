import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

/// The measurement's verdict on itself, where what it must say is known.
@Suite struct WindowQualityTests {
  private static let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))

  /// A window with a request every hundredth of a second.
  private func summary(
    seconds: Int, plan: StressPlan = plan, lag: (Int) -> Double = { _ in 0 },
    milliseconds: (Int) -> Double
  ) -> LoadStepSummary {
    let starts = (0..<100 * seconds).map { Int64($0) * 10_000_000 }
    let window = LoadWindow(
      intendedStarts: starts, duration: .seconds(seconds), timeout: .seconds(100),
      outstandingMax: .max)
    let records = starts.enumerated().map { index, start in
      let sent = start + Int64(lag(index) * 1e6)
      return RequestRecord(
        intendedStart: start, actualStart: sent, end: sent + Int64(milliseconds(index) * 1e6),
        result: .success)
    }
    let recording = LoadRecording(requests: records, wasCutShort: false, generatorCPU: .zero)
    return LoadStepSummary(
      recording, of: window, rate: Rate(perSecond: 100), limits: plan.limits)
  }

  // MARK: - Little's law

  @Test func `a steady queue agrees with Little's law`() {
    let server = SimulatedServer(law: .exponential, serviceSeconds: 0.01)
    for ordinal in 1...20 {
      let quality = Self.plan.summary(of: server, rate: 60, seconds: 30, ordinal: ordinal).quality
      #expect(quality.littleDisagreement < 0.02, "\(quality.littleDisagreement)")
    }
  }

  /// Where arrivals are `load` times what can be answered, the request due at t leaves at load·t. What
  /// those spend in the system that count, and the part of it before the window's end, are triangles.
  @Test(arguments: [1.25, 1.5, 2])
  func `an overload disagrees with Little's law by as much as it must`(load: Double) {
    let summary = summary(seconds: 20) { (load - 1) * Double($0) * 10 }
    let (start, end) = (summary.warmUpSeconds, 20.0)
    let arrived = (load - 1) * (end * end - start * start) / 2
    let last = max(end / load, start)
    let present =
      (load - 1) * (last * last - start * start) / 2 + (end - last) * (end - last) / 2
    let disagreement = summary.quality.littleDisagreement
    #expect(abs(disagreement - (1 - present / arrived)) < 0.01, "\(disagreement)")
    #expect(disagreement > 0.1)
  }

  // MARK: - Drift

  @Test func `a drift is the change of the mean between the halves`() {
    let noise = { Double(($0 * 7_919) % 97) / 97 - 0.5 }
    // Four fifths of the latter half are another, so that the first half is no warm-up.
    func drift(to late: Double) -> Double {
      summary(seconds: 20) { ($0 < 1_200 ? 10 : late) + noise($0) }.quality.drift
    }
    for (late, expected) in [(15.0, 0.4), (30, 1.6), (6, -0.32)] {
      #expect(abs(drift(to: late) - expected) < 0.02, "\(drift(to: late)), not \(expected)")
    }
    // What is of no concern.
    #expect(drift(to: 12) == 0)
  }

  @Test(arguments: [0.5, 0.7])
  func `a steady queue seldom seems to drift`(load: Double) {
    let server = SimulatedServer(law: .exponential, serviceSeconds: 0.01)
    let drifting = (1...200).count { ordinal in
      Self.plan.summary(of: server, rate: 100 * load, seconds: 30, ordinal: ordinal)
        .quality.drift != 0
    }
    #expect(drifting <= 8, "\(drifting) of 200")
  }

  // MARK: - Exactly at the capacity

  /// The backlog grows like the square root of time there, and its slope tends to zero.
  @Test(arguments: [SimulatedServer.Law.deterministic, .exponential])
  func `a load at exactly the capacity breaks its bound`(law: SimulatedServer.Law) {
    let plan = StressPlan(constraints: [.p99(150)], timeout: .seconds(100))
    let held = (1...100).count { ordinal in
      plan.summary(
        of: SimulatedServer(law: law, serviceSeconds: 0.01), rate: 100, seconds: 60,
        ordinal: ordinal
      ).step.holds
    }
    #expect(held <= 2, "\(held) of 100")
  }

  // MARK: - The generator's lag

  /// One request in forty is sent late, which the 99th percentile shows.
  private func isBottleneck(
    lag: Double, latency: @escaping (Int) -> Double, bound: Double?
  ) -> Bool {
    let plan = StressPlan(constraints: bound.map { [.p99($0)] } ?? [])
    return summary(
      seconds: 20, plan: plan, lag: { $0 % 40 == 7 ? lag : 0 }, milliseconds: latency
    ).quality.wasGeneratorBottleneck
  }

  private static func steady(_ index: Int) -> Double { 0.5 + Double(index % 10) / 100 }

  @Test func `a lag that is nothing beside the bound does no harm`() {
    #expect(!isBottleneck(lag: 2.4, latency: Self.steady, bound: 200))
    #expect(!isBottleneck(lag: 0.9, latency: Self.steady, bound: nil))
  }

  @Test func `a lag that makes the number or may make the verdict is the generator's`() {
    #expect(isBottleneck(lag: 2.4, latency: Self.steady, bound: nil))
    #expect(isBottleneck(lag: 2.4, latency: Self.steady, bound: 10))
    #expect(isBottleneck(lag: 0.9, latency: Self.steady, bound: 4))
    #expect(isBottleneck(lag: 30, latency: Self.steady, bound: 200))
  }

  @Test func `a lag within what is known of the latency does no harm`() {
    // The slowest two of a hundred take from 20 to 60 ms, whichever are late.
    let spread = { (index: Int) in index % 50 == 3 ? 20 + Double(index / 50 % 41) : 1.0 }
    #expect(!isBottleneck(lag: 5, latency: spread, bound: nil))
  }
}
