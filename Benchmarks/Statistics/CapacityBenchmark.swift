import ArgumentParser
import Glibc
import QueueSimulation
import StressTest
import Tuning

/// Capacities found beside those that are known, in virtual time.
struct CapacityBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capacity",
    abstract: "The capacities that searches find, beside the true ones.",
    discussion: """
      The error is relative to the greatest rate whose 99th percentile keeps the bound in the long \
      run; "held" is the percentage of searches whose 90 % interval holds it.
      """)

  @OptionGroup var selection: RunSelection

  @Option(help: "Seconds of load, at most.")
  var budget = 30

  @Option(help: "The tolerance.")
  var tolerance = 0.08

  struct Case {
    let name: String
    let server: SimulatedServer
    /// The bound on p99, in milliseconds.
    let bound: Double
    let capacity: Double
  }

  static let cases: [Case] =
    [5.0, 10, 15, 20].map { services in
      Case(
        name: "M/M/1, \(Int(services)) services",
        server: SimulatedServer(law: .exponential, serviceSeconds: 0.01),
        bound: 10 * services, capacity: 100 - log(100) / (0.01 * services))
    } + [
      exact("M/D/1, 5 services", SimulatedServer(serviceSeconds: 0.01), bound: 50),
      exact("M/D/1, 15 services", SimulatedServer(serviceSeconds: 0.01), bound: 150),
      exact(
        "M/M/4, 6 services",
        SimulatedServer(law: .exponential, serviceSeconds: 0.04, workers: 4), bound: 240),
      Case(
        name: "fast M/M/1", server: SimulatedServer(law: .exponential, serviceSeconds: 0.0005),
        bound: 7.5, capacity: 2_000 - log(100) / 0.0075),
      Case(
        name: "M/D/4", server: SimulatedServer(serviceSeconds: 0.02, workers: 4), bound: 60,
        capacity: 153.34),
      Case(
        name: "batches of 8",
        server: SimulatedServer(serviceSeconds: 0.02, secondsPerExtra: 0.005, batchMax: 8),
        bound: 120, capacity: 109.85),
    ]

  private static func exact(_ name: String, _ server: SimulatedServer, bound: Double) -> Case {
    var (low, high) = (0.0, Double(server.workers) / server.serviceSeconds)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let p99 = QueueLaw(server, rate: middle)?.quantile(0.99) ?? .infinity
      if 1_000 * p99 <= bound { low = middle } else { high = middle }
    }
    return Case(name: name, server: server, bound: bound, capacity: low)
  }

  func run() {
    print(
      Column.left("server", 22) + "capacity   error %: mean  median   5 %    95 %    held %"
        + "  width %   seconds  windows  other")
    for benchmark in Self.cases where selection.includes(benchmark.name) { show(benchmark) }
  }

  private func show(_ benchmark: Case) {
    let runs = selection.runs ?? 200
    var errors: [Double] = []
    var (held, other, windows) = (0, 0, 0)
    var (width, seconds) = (0.0, 0.0)
    for seed in 0..<UInt64(runs) {
      var server = benchmark.server
      server.seed = seed &* 104_729
      let plan = StressPlan(
        constraints: [.p99(benchmark.bound)], tolerance: tolerance,
        timeBudget: .seconds(budget), seed: seed)
      let (result, probes, spent) = plan.search(server, startRate: 1 / server.serviceSeconds)
      windows += probes.count
      seconds += spent
      guard case .found(let capacity) = result else {
        other += 1
        continue
      }
      errors.append(capacity.rate.perSecond / benchmark.capacity - 1)
      let interval = capacity.interval
      held += interval.lower <= benchmark.capacity && benchmark.capacity <= interval.upper ? 1 : 0
      width += min((interval.upper - interval.lower) / benchmark.capacity, 2)
    }
    errors.sort()
    let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
    func quantile(_ share: Double) -> Double {
      errors.isEmpty ? .nan : errors[min(Int(share * Double(errors.count)), errors.count - 1)]
    }
    let count = Double(max(errors.count, 1))
    print(
      Column.left(benchmark.name, 22) + Column.number(benchmark.capacity, 1, 8)
        + Column.number(100 * mean, 1, 16) + Column.number(100 * quantile(0.5), 1, 8)
        + Column.number(100 * quantile(0.05), 1, 7) + Column.number(100 * quantile(0.95), 1, 8)
        + Column.number(100 * Double(held) / count, 1, 10)
        + Column.number(100 * width / count, 1, 9)
        + Column.number(seconds / Double(runs), 1, 10)
        + Column.number(Double(windows) / Double(runs), 1, 9) + Column.right("\(other)", 7))
  }
}
