import ArgumentParser
import QueueSimulation
import StressTest
import Tuning

/// Measured latencies beside the closed forms, in virtual time.
struct AccuracyBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy",
    abstract: "How often the 95 % intervals of mean, median and p99 hold the closed form.",
    discussion: """
      Each run is one window on a server of a known law in virtual time. A column is the percentage \
      of runs whose interval holds the analytic value; "all" of those in which all three do. The \
      widths are those of the intervals, in percent of the value; 1000 where there is no upper end.
      """)

  @OptionGroup var selection: RunSelection

  @Option(help: "Seconds of each window; services take 10 ms.")
  var seconds = 120.0

  func run() {
    print(AccuracyTally.title)
    for (name, server, load) in Self.servers where selection.includes(name) {
      show(name, server, load)
    }
  }

  static let servers: [(name: String, server: SimulatedServer, load: Double)] =
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
    var tally = AccuracyTally(law)
    let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))
    for seed in 0..<(selection.runs ?? 1_000) {
      var server = server
      server.seed = UInt64(seed) &* 7_919
      tally.add(
        plan.summary(of: server, rate: rate, seconds: seconds, ordinal: seed + 1).latencies)
    }
    print(tally.row(name))
  }
}
