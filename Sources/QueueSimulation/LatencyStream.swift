import Glibc
package import Tuning

/// An endless stream of latencies whose 99th percentile is known, for verdicts that are asked
/// after every value.
package struct LatencyStream: Sendable, CustomStringConvertible {
  package let description: String
  /// The 99th percentile in the long run.
  package let p99: Double
  /// A stream of its own for each generator.
  package let make: @Sendable (SeededGenerator) -> () -> Double

  /// The kinds that verdicts are judged by: independent latencies, queues from light to heavy load
  /// that start empty, correlated normal numbers, and pauses.
  package static let kinds: [LatencyStream] =
    [independent] + [0.3, 0.5, 0.7, 0.8, 0.9, 0.95].map { exponentialQueue(load: $0) }
    + [deterministicQueue(load: 0.8), workers(4, load: 0.8)].compactMap(\.self)
    + [0.5, 0.9, 0.99].map { autoregressive($0) }
    + [(100, 1), (400, 4)].map { pauses(every: $0, late: $1) }

  package static let independent = LatencyStream(description: "independent", p99: log(100)) {
    generator in
    var random = generator
    return { -log(random.nextUnit()) }
  }

  /// M/M/1 with services of mean 1, from when it is empty. At a load of 1 it has no steady state,
  /// and every bound is broken in the end.
  package static func exponentialQueue(load: Double) -> LatencyStream {
    queue(
      "M/M/1 at \(load)", load: load, p99: load < 1 ? log(100) / (1 - load) : .infinity,
      isDeterministic: false)
  }

  /// M/D/1 with services of 1, from when it is empty; nil where it has no steady state.
  package static func deterministicQueue(load: Double) -> LatencyStream? {
    QueueLaw(SimulatedServer(serviceSeconds: 1), rate: load).map {
      queue("M/D/1 at \(load)", load: load, p99: $0.quantile(0.99), isDeterministic: true)
    }
  }

  private static func queue(
    _ description: String, load: Double, p99: Double, isDeterministic: Bool
  ) -> LatencyStream {
    LatencyStream(description: description, p99: p99) { generator in
      var random = generator
      var wait = 0.0
      return {
        let latency = wait + (isDeterministic ? 1 : -log(random.nextUnit()))
        wait = max(latency + log(random.nextUnit()) / load, 0)
        return latency
      }
    }
  }

  /// M/M/k with services of mean 1, from when it is empty; nil where it has no steady state.
  package static func workers(_ count: Int, load: Double) -> LatencyStream? {
    let rate = load * Double(count)
    let server = SimulatedServer(law: .exponential, serviceSeconds: 1, workers: count)
    return QueueLaw(server, rate: rate).map { law in
      LatencyStream(description: "M/M/\(count) at \(load)", p99: law.quantile(0.99)) { generator in
        var random = generator
        var now = 0.0
        var free = [Double](repeating: 0, count: count)
        return {
          now -= log(random.nextUnit()) / rate
          let worker = free.indices.min { free[$0] < free[$1] } ?? 0
          free[worker] = max(free[worker], now) - log(random.nextUnit())
          return free[worker] - now
        }
      }
    }
  }

  /// Standard normal values, correlated with those before.
  package static func autoregressive(_ correlation: Double) -> LatencyStream {
    LatencyStream(description: "autoregressive, \(correlation)", p99: 2.326348) { generator in
      var random = generator
      func normal() -> Double {
        (-2 * log(random.nextUnit())).squareRoot() * cos(2 * .pi * random.nextUnit())
      }
      let fresh = (1 - correlation * correlation).squareRoot()
      var value = normal()
      return {
        value = correlation * value + fresh * normal()
        return value
      }
    }
  }

  /// D/D/1 that pauses: of each `period` requests, `late` come after the bound, three times as many
  /// nearly.
  package static func pauses(every period: Int, late: Int) -> LatencyStream {
    LatencyStream(description: "a pause every \(period)", p99: Double(3 * late) + 1.5) {
      generator in
      var random = generator
      var position = Int(random.nextUnit() * Double(period))
      return {
        position = (position + 1) % period
        return 1 + Double(max(4 * late - position, 0))
      }
    }
  }
}
