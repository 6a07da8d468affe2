import Foundation
import Reporting
import Testing
import Tuning

struct ReportTests {
  @Test func `every report reads back as it was written`() throws {
    for (name, report) in try OddFixture.all() {
      let again = try Report(reading: report.json)
      #expect(again == report, "\(name)")
      #expect(again.json == report.json, "\(name)")
    }
  }

  @Test func `every report follows the published schema`() throws {
    let schema = try Schema(ReportSchema.text)
    for (name, report) in try OddFixture.all() {
      #expect(try schema.problems(of: report.json) == [], "\(name)")
    }
  }

  @Test func `the schema refuses what is missing and what is of another type`() throws {
    let schema = try Schema(ReportSchema.text)
    let text = try Fixture.report().json
    let without = text.replacing("\"visited\": 20, ", with: "")
    #expect(try schema.problems(of: without) == ["/sampling/visited is missing"])
    let wrong = text.replacing("\"visited\": 20,", with: "\"visited\": true,")
    #expect(try schema.problems(of: wrong).count == 1)
  }

  @Test func `the keys that others rely on are there`() throws {
    let json = try JSON(reading: Fixture.report().json)
    let paths = [
      "schemaVersion", "experiment.name", "experiment.seed", "experiment.startedAt",
      "experiment.seconds", "space.configurations", "space.parameters", "sampling.visited",
      "sampling.pruned", "sampling.total", "sampling.share", "baseline.configuration.cpu",
      "baseline.measured.throughput_rps", "baseline.reason", "recommendation.config.INSTANCES",
      "recommendation.expected.throughput_rps", "recommendation.lower.throughput_rps",
      "recommendation.upper.throughput_rps", "recommendation.regret", "recommendation.reason",
      "gain.expected", "gain.lower", "gain.upper", "trials", "patch",
    ]
    for path in paths {
      let value = path.split(separator: ".").reduce(Optional(json)) { $0?[String($1)] }
      #expect(value != nil, "\(path)")
    }
    guard case .array(let trials)? = json["trials"], let trial = trials.first else {
      Issue.record("trials is no array")
      return
    }
    for key in [
      "ordinal", "configuration", "outcome", "reason", "measured", "seconds", "verdict",
    ] {
      #expect(trial[key] != nil, "\(key)")
    }
  }

  @Test func `what isn't known is null and never zero`() throws {
    let report = try OddFixture.replay()
    let json = try JSON(reading: report.json)
    #expect(json["experiment"]?["startedAt"] == .null)
    #expect(json["cost"] == .null)
    #expect(json["recommendation"]?["regret"] == .null)
    #expect(json["patch"] == .null)
    #expect(report.trials.allSatisfy { $0.seconds == nil && $0.costPerHour == nil })
  }

  @Test func `a search without a baseline says so`() throws {
    #expect(try OddFixture.noTrials().baseline.reason == "There was no baseline.")
    #expect(try OddFixture.pendingOnly().baseline.reason == "Its trial did not end.")
    let failed = try OddFixture.baselineFailed()
    #expect(failed.baseline.reason == "out of memory while starting: limit of 256Mi")
    #expect(failed.baseline.measured == nil)
  }

  @Test func `a gain that nobody gave is the ratio of the objectives, without an interval`() throws
  {
    let gain = try #require(OddFixture.replay().gain)
    #expect(gain == Report.Estimate(expected: 112 / 41.2))
    #expect(try OddFixture.baselineFailed().gain == nil)
    #expect(try OddFixture.nothingFeasible().gain == nil)
  }

  @Test func `a trial that breaks a bound after it was measured is not feasible`() throws {
    let entry = try #require(OddFixture.nothingFeasible().trials.first)
    #expect(entry.outcome == .measured)
    #expect(!entry.feasible)
    #expect(entry.reason == "peak memory of 0.610 GiB is over 0.400 GiB")
  }

  @Test func `the incumbent never gets worse`() throws {
    let up = try Fixture.report().progress.compactMap(\.incumbent)
    #expect(up == up.sorted())
    let down = try OddFixture.minimized().progress.compactMap(\.incumbent)
    #expect(down == down.sorted(by: >))
    #expect(Set(down).count > 1)
  }

  @Test func `a text that is no report is refused with a reason`() throws {
    #expect(throws: ReportError.notAReport) { try Report(reading: "{}") }
    #expect(throws: ReportError.notAReport) { try Report(reading: "no JSON") }
    let text = try Fixture.report().json
    #expect(throws: ReportError.otherVersion("2.0.0")) {
      try Report(reading: text.replacing("\"1.0.0\"", with: "\"2.0.0\""))
    }
    let error = #expect(throws: ReportError.self) {
      try Report(reading: text.replacing("\"ordinal\": 7,", with: "\"ordinal\": \"seven\","))
    }
    #expect(error?.description.hasPrefix("report.json: progress.7.ordinal: ") == true)
  }

  @Test func `a later minor version is read`() throws {
    let text = try Fixture.report().json.replacing("\"1.0.0\"", with: "\"1.7.0\"")
    #expect(try Report(reading: text).schemaVersion == "1.7.0")
  }
}
