import Foundation
import Testing

/// `report --slo`: another bound answered from the load steps of a run.
@Suite struct OtherBoundTests {
  /// A run of a search over two parameters whose trials have load steps as M/M/1 queues would leave
  /// them, each of a capacity a third above the throughput that its table gives.
  private static func run(in folder: TemporaryFolder) throws {
    var csv = "cores,batch_size,throughput_rps,latency_p99_ms,feasible\n"
    for cores in 1...4 {
      for batch in [1, 2, 4] { csv += "\(cores),\(batch),\(40 * cores + 5 * batch),30,1\n" }
    }
    _ = try folder.write(#"{"name": "queues", "knobs": ["cores", "batch_size"]}"#, to: "table.json")
    let table = try folder.write(csv, to: "table.csv")
    let result = try Morphling.run(
      "tune", "--runner", "replay", "--profile", table, "--objective", "throughput_rps / cores",
      "--slo", "p99=40ms", "--seed", "1", "--budget", "12", "--output", folder.path + "/out")
    #expect(result.status == 0, "\(result.errors)")
    let lines = try folder.lines("out/journal.jsonl").map(withLoadSteps)
    _ = try folder.write(lines.joined(separator: "\n") + "\n", to: "out/journal.jsonl")
  }

  private static func withLoadSteps(_ line: String) throws -> String {
    guard
      var entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
      var finished = entry["finished"] as? [String: Any],
      var outcome = finished["outcome"] as? [String: Any],
      var measured = outcome["measured"] as? [String: Any],
      var measurement = measured["_0"] as? [String: Any],
      let throughput = (measurement["values"] as? [String: Any])?["throughput_rps"] as? Double
    else { return line }
    measurement["loadSteps"] = [0.2, 0.4, 0.6, 0.75].map { load -> [String: Any] in
      let gap = throughput * 4 / 3 * (1 - load)
      let rate = throughput * 4 / 3 * load
      let p99 = 1_000 * log(100) / gap
      return [
        "offeredRate": rate, "achievedRate": rate, "seconds": 20, "requests": Int(rate * 20),
        "errors": [String: Int](), "scheduleLagP99": 0.1, "holds": true,
        "latencies": [
          "mean": 1_000 / gap, "p50": 1_000 * log(2) / gap, "p90": 1_000 * log(10) / gap,
          "p95": 1_000 * log(20) / gap, "p99": p99, "max": 1.2 * p99,
        ],
        "latencyP99Interval": ["lower": 0.9 * p99, "upper": 1.1 * p99],
      ]
    }
    measured["_0"] = measurement
    outcome["measured"] = measured
    finished["outcome"] = outcome
    entry["finished"] = finished
    return String(
      decoding: try JSONSerialization.data(withJSONObject: entry), as: UTF8.self)
  }

  @Test func `a bound that the curves know is answered with a rate for each trial`() throws {
    let folder = try TemporaryFolder()
    try Self.run(in: folder)
    let result = try Morphling.run(
      "report", folder.path + "/out", "--slo", "p99=80ms", "--format", "json")
    #expect(result.status == 0, "\(result.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(answer["p99_ms"] as? Double == 80)
    let trials = try #require(answer["trials"] as? [[String: Any]])
    let known = trials.filter { $0["known"] as? String == "rate" }
    #expect(known.count >= 3, "\(trials)")
    for trial in known {
      let config = try #require(trial["config"] as? [String: String])
      let cores = try #require(Double(config["cores"] ?? ""))
      let batch = try #require(Double(config["batch_size"] ?? ""))
      let rate = try #require((trial["throughput_rps"] as? [String: Any])?["value"] as? Double)
      let truth = (40 * cores + 5 * batch) * 4 / 3 - log(100) / 0.08
      #expect(abs(rate / truth - 1) < 0.1, "\(rate), not \(truth)")
    }
    #expect(answer["recommendation"] as? [String: Any] != nil)
    let text = try Morphling.run("report", folder.path + "/out", "--slo", "p99=80ms")
    #expect(text.output.contains("Recommended  cores="), "\(text.output)")
  }

  @Test func `a bound that no curve reaches names the tests that it would take`() throws {
    let folder = try TemporaryFolder()
    try Self.run(in: folder)
    let result = try Morphling.run("report", folder.path + "/out", "--slo", "p99=2ms")
    #expect(result.status == 3)
    #expect(result.output.contains("No trial is known to keep the bound."), "\(result.output)")
    #expect(result.output.contains("more tests at:") && result.output.contains(" below "))
  }

  @Test(arguments: ["p50=10ms", "p99", "p99=0ms", "error-rate=1%"])
  func `what is no bound on p99 is refused`(slo: String) throws {
    let folder = try TemporaryFolder()
    let result = try Morphling.run("report", folder.path, "--slo", slo)
    #expect(result.status == 2)
    #expect(result.errors.contains("--slo"), "\(result.errors)")
  }
}
