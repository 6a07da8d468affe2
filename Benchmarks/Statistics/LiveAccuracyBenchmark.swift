import ArgumentParser
import QueueSimulation
import StressTest
import Transport
import Tuning

/// Measured latencies beside the closed forms, over HTTP on loopback.
struct LiveAccuracyBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live",
    abstract: "The same as accuracy, against a real server on loopback.",
    discussion: """
      The server answers each request when the service of a queue of a known law would be over; what \
      the machine and HTTP add is part of what is measured, and should be small beside services of \
      10 ms. It needs an otherwise idle machine; the kinds run side by side, each of which takes a few \
      percent of a core. The last rows are a server that pauses for half a \
      second, measured from the intended start and from when requests were really sent.
      """)

  @OptionGroup var selection: RunSelection

  @Option(help: "Seconds of each window; services take 10 ms.")
  var seconds = 20.0

  func run() async throws {
    let names = ["M/D/1 at 0.5", "M/D/1 at 0.8", "M/M/1 at 0.5", "M/M/1 at 0.8", "M/M/4 at 0.8"]
    let kinds = AccuracyBenchmark.servers.filter {
      names.contains($0.0) && selection.includes($0.0)
    }
    let found = try await withThrowingTaskGroup(of: (name: String, counted: Counted).self) {
      group in
      for (name, server, load) in kinds {
        group.addTask { (name, try await counted(name, server, load)) }
      }
      return try await group.reduce(into: [:]) { $0[$1.name] = $1.counted }
    }
    print(AccuracyTally.title)
    for (name, _, _) in kinds {
      guard let counted = found[name] else { continue }
      let note = counted.unusable > 0 ? "  (\(counted.unusable) not usable)" : ""
      print(counted.tally.row(name) + note)
    }
    let held = found.values.reduce(0) { $0 + $1.tally.allHeld }
    print("\(held) of \(found.values.reduce(0) { $0 + $1.tally.runs }) runs held all three")
    if selection.only.isEmpty { try await showPause() }
  }

  private struct Counted {
    var tally: AccuracyTally
    var unusable = 0
  }

  private func counted(_ name: String, _ server: SimulatedServer, _ load: Double) async throws
    -> Counted
  {
    let rate = load * Double(server.workers) / server.serviceSeconds
    guard let law = QueueLaw(server, rate: rate) else {
      throw ValidationError("\(name) has no steady state")
    }
    var counted = Counted(tally: AccuracyTally(law))
    for seed in 0..<(selection.runs ?? 20) {
      var server = server
      server.seed = UInt64(seed) &* 7_919
      let summary = try await summary(of: server, rate: rate, ordinal: seed + 1)
      counted.unusable += summary.quality.wasGeneratorBottleneck ? 1 : 0
      // A millisecond for HTTP and the machine's scheduling.
      counted.tally.add(summary.latencies, slack: 1)
    }
    return counted
  }

  private func summary(
    of server: SimulatedServer, rate: Double, ordinal: Int
  ) async throws -> LoadStepSummary {
    guard let live = LawServer(server) else { throw ValidationError("no socket can be had") }
    defer { live.stop() }
    let plan = StressPlan(constraints: [.p99(1e6)], timeout: .seconds(100))
    let rate = Rate(perSecond: rate)
    let window = plan.window(
      rate: rate, duration: .milliseconds(Int64(seconds * 1_000)), ordinal: ordinal)
    let endpoint = Endpoint.live(HTTPTarget(url: "http://127.0.0.1:\(live.port)/"))
    return LoadStepSummary(
      try await endpoint.send(window), of: window, rate: rate, limits: plan.limits)
  }

  private func showPause() async throws {
    var server = SimulatedServer(serviceSeconds: 0.001)
    server.stall = (seconds / 2, 0.5)
    let summary = try await summary(of: server, rate: 200, ordinal: 1)
    for (name, latencies) in [
      ("from the intended start", summary.latencies), ("omitting waits", omittingWaits(server)),
    ] {
      print(
        Column.left("pause of 500 ms, \(name)", 42) + "p99"
          + Column.number(latencies.p99.value ?? 0, 1, 8) + " ms, max"
          + Column.number(latencies.max.value ?? 0, 1, 8) + " ms")
    }
  }

  /// What a generator reports that sends nothing while it waits, on the same server in virtual time.
  private func omittingWaits(_ server: SimulatedServer) -> LatencyEstimates {
    var latencies: [Double] = []
    var now = 0.0
    while now < seconds {
      let end = server.ends(of: [now], stream: 1)[0]
      latencies.append(1_000 * (end - now))
      now = max(end, now + 0.005)
    }
    let ordered = OrderedValues(latencies)
    var estimates = LatencyEstimates()
    estimates.p99.value = ordered.quantile(0.99)
    estimates.max.value = ordered.values.last
    return estimates
  }
}
