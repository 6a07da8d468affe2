import Glibc
package import StressTest
import Tuning

/// A queue in virtual time: `workers` that each take up to `batchMax` waiting requests at once,
/// first come, first served.
package struct SimulatedServer: Sendable {
  package enum Law: String, Sendable, CaseIterable {
    case deterministic
    case exponential
  }

  package var law: Law
  /// Seconds to serve a batch of one.
  package var serviceSeconds: Double
  /// Seconds that each further request of a batch adds.
  package var secondsPerExtra: Double
  package var workers: Int
  package var batchMax: Int
  /// Seconds after a window's start at which all workers pause, and for how long.
  package var stall: (at: Double, length: Double)?
  /// How much longer service takes at a window's start, fading with `warmUpSeconds`.
  package var warmUpSeconds = 0.0
  package var seed: UInt64 = 0

  package init(
    law: Law = .deterministic, serviceSeconds: Double, secondsPerExtra: Double = 0,
    workers: Int = 1, batchMax: Int = 1
  ) {
    self.law = law
    self.serviceSeconds = serviceSeconds
    self.secondsPerExtra = secondsPerExtra
    self.workers = workers
    self.batchMax = batchMax
  }

  /// When each of the requests, due at rising times in seconds, is answered.
  package func ends(of starts: [Double], stream: UInt64) -> [Double] {
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
  package func recording(of window: LoadWindow, stream: UInt64) -> LoadRecording {
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
