import Foundation
import Testing

/// `tune --runner replay`: the whole loop and its report, without starting anything.
@Suite struct ReplayTests {
  /// A table of 60 configurations by formula: rate = min(40 cores, 30 batch), latency rises with
  /// the batch, and large batches don't fit small memory.
  private static func table(in folder: TemporaryFolder) throws -> String {
    var csv = "cores,memory_gib,batch_size,throughput_rps,latency_p99_ms,feasible\n"
    for cores in 1...4 {
      for memory in [1, 2, 4] {
        for batch in [1, 2, 4, 8, 16] {
          let rate = min(40 * cores, 30 * batch)
          let fits = batch <= 4 * memory
          csv += "\(cores),\(memory),\(batch),"
          csv += fits ? "\(rate),\(5 + 4 * batch),1\n" : ",,0\n"
        }
      }
    }
    _ = try folder.write(
      #"{"name": "formula", "knobs": ["cores", "memory_gib", "batch_size"]}"#, to: "table.json")
    return try folder.write(csv, to: "table.csv")
  }

  private static func tune(
    _ folder: TemporaryFolder, slo: String = "p99=40ms", seed: String = "1", output: String = "out"
  ) throws -> Morphling.Result {
    try Morphling.run(
      "tune", "--runner", "replay", "--profile", try table(in: folder), "--objective",
      "throughput_rps / (cores + 0.2 * memory_gib)", "--slo", slo, "--seed", seed, "--budget", "20",
      "--output", folder.path + "/" + output)
  }

  @Test func `a recommendation is made and every file is there`() throws {
    let folder = try TemporaryFolder()
    let result = try Self.tune(folder)
    #expect(result.status == 0, "\(result.errors)")
    for name in ["report.json", "report.html", "report.md", "trials.csv", "journal.jsonl"] {
      #expect(FileManager.default.fileExists(atPath: folder.path + "/out/" + name), "\(name)")
    }
    let report = try folder.json("out/report.json")
    let recommendation = try #require(report["recommendation"] as? [String: Any])
    let config = try #require(recommendation["config"] as? [String: Any])
    // 30 to 33 requests per second for each unit of cost: the best needs enough batch and no more.
    let objective = try #require((recommendation["expected"] as? [String: Any])?["objective"])
    #expect((objective as? Double ?? 0) > 28, "\(config)")
    #expect(result.output.contains("Sampled"))
    #expect((report["sampling"] as? [String: Any])?["total"] as? Int == 60)
  }

  @Test func `equal seeds search alike and other seeds differently`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.tune(folder, seed: "5", output: "a")
    _ = try Self.tune(folder, seed: "5", output: "b")
    _ = try Self.tune(folder, seed: "6", output: "c")
    let started = ["a", "b", "c"].map { name in
      folder.lines(name + "/journal.jsonl").filter { $0.contains("\"started\"") }
    }
    #expect(started[0] == started[1])
    #expect(started[0] != started[2])
    #expect(started[0].count > 4)
  }

  @Test func `a bound that nothing meets ends with 3 and says what to relax`() throws {
    let folder = try TemporaryFolder()
    let result = try Self.tune(folder, slo: "p99=8ms")
    #expect(result.status == 3)
    #expect(result.output.contains("would have to allow"), "\(result.output)")
    let report = try folder.json("out/report.json")
    #expect(report["recommendation"] is NSNull)
  }

  @Test func `progress as JSON is one object a line and nothing else`() throws {
    let folder = try TemporaryFolder()
    let result = try Morphling.run(
      "tune", "--runner", "replay", "--profile", try Self.table(in: folder), "--progress", "json",
      "--output", folder.path + "/out")
    #expect(result.status == 0)
    #expect(result.errors.isEmpty, "\(result.errors)")
    let events = try result.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let kinds = Set(events.compactMap { $0["event"] as? String })
    #expect(kinds.isSuperset(of: ["trial-started", "trial-finished", "concluded", "report"]))
  }

  @Test func `a directory that holds a run is not written over`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.tune(folder)
    let before = folder.lines("out/journal.jsonl")
    let again = try Self.tune(folder)
    #expect(again.status == 2)
    #expect(again.errors.contains("--resume"))
    #expect(folder.lines("out/journal.jsonl") == before)
  }

  @Test func `a journal torn in the middle of a line is taken up where it is whole`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.tune(folder)
    let whole = folder.lines("out/journal.jsonl")
    let torn = whole.prefix(7).joined(separator: "\n") + "\n" + whole[7].prefix(20)
    _ = try folder.write(torn, to: "out/journal.jsonl")
    let result = try Morphling.run("tune", "--resume", folder.path + "/out")
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      folder.lines("out/journal.jsonl").filter { $0.contains("\"started\"") }
        == whole.filter { $0.contains("\"started\"") })
  }

  @Test func `the report of a run can be shown in every format`() throws {
    let folder = try TemporaryFolder()
    _ = try Self.tune(folder)
    for (format, expected) in [
      ("text", "Sampled"), ("markdown", "|"), ("csv", "cores"), ("json", "\"schemaVersion\""),
    ] {
      let result = try Morphling.run("report", folder.path + "/out", "--format", format)
      #expect(result.status == 0)
      #expect(result.output.contains(expected))
    }
  }
}
