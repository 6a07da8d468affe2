import ArgumentParser
import QueueSimulation
import StressTest
import Tuning

/// Measured latencies beside the closed forms, in virtual time.
struct AccuracyBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy",
    abstract: "How often the intervals of mean, median and p99 hold the closed form.",
    discussion: """
      Each run is one window on a server of a known law in virtual time. A column is the percentage \
      of runs whose interval holds the analytic value; "all" of those in which all three do. The \
      widths are those of the intervals, in percent of the value.
      """)

  @Option(help: "Runs on each server.")
  var runs = 1_000

  @Option(help: "Seconds of each window; services take 10 ms.")
  var seconds = 60.0

  func run() {
    print(
      Column.left("server", 16) + "   mean    p50    p99    all   width of mean    p50    p99"
        + "   bias of mean    p50    p99")
    for (name, server, load) in Self.servers { show(name, server, load) }
  }

  static let servers: [(String, SimulatedServer, Double)] =
    [0.3, 0.5, 0.7, 0.8, 0.9].map {
      ("M/D/1 at \($0)", SimulatedServer(serviceSeconds: 0.01), $0)
    }
    + [0.3, 0.5, 0.7, 0.8, 0.9].map {
      ("M/M/1 at \($0)", SimulatedServer(law: .exponential, serviceSeconds: 0.01), $0)
    }
    + [(4, 0.5), (4, 0.8), (16, 0.9)].map { workers, load in
      (
        "M/M/\(workers) at \(load)",
        SimulatedServer(law: .exponential, serviceSeconds: 0.01, workers: workers), load
      )
    }

  private func show(_ name: String, _ server: SimulatedServer, _ load: Double) {
    let rate = load * Double(server.workers) / server.serviceSeconds
    guard let law = QueueLaw(server, rate: rate) else { return }
    let truths = [law.mean, law.quantile(0.5), law.quantile(0.99)].map { 1_000 * $0 }
    let paths = [\LatencyEstimates.mean, \.p50, \.p99]
    var held = [0, 0, 0]
    var all = 0
    var widths = [0.0, 0, 0]
    var biases = [0.0, 0, 0]
    let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))
    for seed in 0..<runs {
      var server = server
      server.seed = UInt64(seed) &* 7_919
      let summary = plan.summary(of: server, rate: rate, seconds: seconds, ordinal: seed + 1)
      var count = 0
      for index in truths.indices {
        let estimate = summary.latencies[keyPath: paths[index]]
        let (lower, upper) = (estimate.lower ?? 0, estimate.upper ?? .infinity)
        // Simulated times are whole nanoseconds.
        let isHeld = lower <= truths[index] + 1e-6 && truths[index] <= upper + 1e-6
        held[index] += isHeld ? 1 : 0
        count += isHeld ? 1 : 0
        widths[index] += min((upper - lower) / truths[index], 10)
        biases[index] += (estimate.value ?? 0) / truths[index] - 1
      }
      all += count == truths.count ? 1 : 0
    }
    let share = 100 / Double(runs)
    print(
      Column.left(name, 16)
        + (held + [all]).map { Column.number(share * Double($0), 1, 7) }.joined()
        + "         " + widths.map { Column.number(share * $0, 1, 7) }.joined()
        + "        " + biases.map { Column.number(share * $0, 2, 7) }.joined())
  }
}
