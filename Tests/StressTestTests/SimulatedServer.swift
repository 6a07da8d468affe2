import Foundation
import StressTest
import Tuning

/// A queue in virtual time: `workers` that each take up to `batchMax` waiting requests at once,
/// first come, first served.
struct SimulatedServer: Sendable {
  enum Law: Sendable {
    case deterministic
    case exponential
  }

  var law: Law = .deterministic
  /// Seconds to serve a batch of one.
  var serviceSeconds: Double
  /// Seconds that each further request of a batch adds.
  var secondsPerExtra: Double = 0
  var workers = 1
  var batchMax = 1
  /// Seconds after a window's start at which all workers pause, and for how long.
  var stall: (at: Double, length: Double)?
  /// How much longer service takes at a window's start, fading with `warmUpSeconds`.
  var warmUpSeconds = 0.0
  var seed: UInt64 = 0

  /// When each of the requests, due at rising times in seconds, is answered.
  func ends(of starts: [Double], stream: UInt64) -> [Double] {
    var generator = SeededGenerator(seed: seed, stream: stream)
    var free = Array(repeating: 0.0, count: workers)
    var ends = starts
    var next = 0
    while next < starts.count {
      let worker = free.indices.min { free[$0] < free[$1] } ?? 0
      var begin = max(free[worker], starts[next])
      if let stall, begin >= stall.at, begin < stall.at + stall.length {
        begin = stall.at + stall.length
      }
      var size = 1
      while size < batchMax, next + size < starts.count, starts[next + size] <= begin { size += 1 }
      let mean = serviceSeconds + secondsPerExtra * Double(size - 1)
      let slow = warmUpSeconds > 0 ? 1 + 9 * exp(-begin / warmUpSeconds) : 1
      let service = law == .deterministic ? mean : -mean * log(generator.nextUnit())
      free[worker] = begin + service * slow
      for index in next..<next + size { ends[index] = free[worker] }
      next += size
    }
    return ends
  }

  /// What a faultless generator would record.
  func recording(of window: LoadWindow, stream: UInt64) -> LoadRecording {
    let starts = window.intendedStarts.map { Double($0) * 1e-9 }
    let ends = ends(of: starts, stream: stream)
    let waits = zip(starts, ends).map { min($1 - $0, window.timeout.seconds) }
    var answered: [Double] = []
    var records: [RequestRecord] = []
    for (index, start) in starts.enumerated() {
      answered.removeAll { $0 <= start }
      if answered.count >= window.outstandingMax {
        return LoadRecording(requests: records, wasCutShort: true, generatorCPU: .zero)
      }
      answered.append(start + waits[index])
      let due = window.intendedStarts[index]
      records.append(
        RequestRecord(
          intendedStart: due, actualStart: due, end: due + Int64(waits[index] * 1e9),
          result: waits[index] < window.timeout.seconds ? .success : .timedOut))
    }
    return stopped(records, by: window.stopRule)
  }

  /// What is left when the rule ends the window.
  private func stopped(_ records: [RequestRecord], by rule: StopRule?) -> LoadRecording {
    var rule = rule
    var last: Int64 = 0
    for record in records {
      rule?.append(record)
      last = max(last, record.end)
      guard let conclusion = rule?.conclusion, conclusion != .undecided else { continue }
      return LoadRecording(
        requests: records.filter { $0.intendedStart <= last }, wasCutShort: false,
        stoppedAfter: .nanoseconds(last), generatorCPU: .zero)
    }
    return LoadRecording(requests: records, wasCutShort: false, generatorCPU: .zero)
  }
}

extension StressPlan {
  /// The load step of one window on a simulated server.
  func summary(
    of server: SimulatedServer, rate: Double, seconds: Double, ordinal: Int
  ) -> LoadStepSummary {
    let rate = Rate(perSecond: rate)
    let window = window(
      rate: rate, duration: .milliseconds(Int64(seconds * 1_000)), ordinal: ordinal)
    return LoadStepSummary(
      server.recording(of: window, stream: UInt64(ordinal)), of: window, rate: rate, limits: limits)
  }

  /// A whole search on a simulated server.
  func search(_ server: SimulatedServer, startRate: Double? = nil) -> (CapacityResult, [LoadProbe])
  {
    var search = CapacitySearch(plan: self, startRate: startRate.map { Rate(perSecond: $0) })
    var probes: [LoadProbe] = []
    var step: LoadStep?
    while true {
      switch search.next(after: step) {
      case .finished(let result): return (result, probes)
      case .probe(let probe):
        probes.append(probe)
        step =
          summary(
            of: server, rate: probe.rate.perSecond, seconds: probe.duration.seconds,
            ordinal: probes.count
          ).step
      }
    }
  }
}

extension Constraint {
  static func p99(_ milliseconds: Double) -> Constraint {
    Constraint(metric: .latencyP99, maximum: milliseconds, isHeldByStressTest: true)
  }
}
