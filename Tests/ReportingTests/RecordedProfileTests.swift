import Reporting
import Testing

@Suite struct RecordedProfileTests {
  @Test func `a run becomes a table of its knobs and metrics`() throws {
    let report = try Fixture.report()
    let lines = RecordedProfile(report).csv.split(separator: "\n").map(String.init)
    let header = lines[0].split(separator: ",").map(String.init)
    let knobs = report.space.parameters.map(\.name)
    #expect(Array(header.prefix(knobs.count)) == knobs)
    #expect(header.contains("throughput_rps"))
    #expect(Array(header.suffix(2)) == ["cost", "feasible"])
    #expect(lines.count == Set(report.trials.map(\.configuration)).count + 1)
  }

  @Test func `what could not serve has no numbers`() throws {
    let report = try Fixture.report()
    let failures = report.trials.count { $0.outcome == .infeasible }
    let rows = RecordedProfile(report).csv.split(separator: "\n").dropFirst()
    let infeasible = rows.filter { $0.hasSuffix(",0") }
    #expect(infeasible.count == failures)
    #expect(infeasible.allSatisfy { $0.contains(",,,") })
  }

  @Test func `the file beside it names knobs and metrics`() throws {
    let sidecar = try JSON(reading: RecordedProfile(try Fixture.report()).sidecar)
    #expect(sidecar["knobs"] != nil && sidecar["metrics"] != nil && sidecar["name"] != nil)
  }
}
