import Reporting
import Testing
import Tuning

/// What a person reads, as texts that a person has looked at.
struct GoldenTests {
  @Test func `the summary of a search that found something better`() throws {
    let report = try Fixture.report()
    try Golden.expect(
      Summary(report, files: [".demo/report.json", ".demo/report.html"]).text, is: "summary.txt")
  }

  @Test func `the summary in colour`() throws {
    try Golden.expect(
      Summary(Fixture.report(), isColoured: true).text, is: "summary-colour.txt")
  }

  @Test func `the comment on a pull request`() throws {
    try Golden.expect(MarkdownReport(Fixture.report()).text, is: "report.md")
  }

  @Test func `the table of trials`() throws {
    try Golden.expect(TrialTable(Fixture.report()).csv, is: "trials.csv")
  }

  @Test func `the report as JSON`() throws {
    try Golden.expect(Fixture.report().json, is: "report.json")
  }

  @Test func `the format as JSON Schema`() throws {
    try Golden.expect(ReportSchema.text, is: "report.schema.json")
  }

  @Test func `the page`() throws {
    try Golden.expect(Page(Fixture.report()).html(), is: "report.html")
  }

  @Test func `latency and throughput under load`() throws {
    let charts = LoadCharts(try Fixture.report())
    try Golden.expect(#require(charts.latency), is: "latency.svg")
    try Golden.expect(#require(charts.throughput), is: "throughput.svg")
  }

  @Test func `the progress of the search`() throws {
    let charts = SearchCharts(try Fixture.report())
    try Golden.expect(#require(charts.progress), is: "progress.svg")
    try Golden.expect(#require(charts.regret), is: "regret.svg")
  }

  @Test func `what money buys, and the levels of a parameter`() throws {
    let report = try Fixture.report()
    try Golden.expect(#require(TradeOffChart(report).svg), is: "tradeoff.svg")
    let levels = LevelCharts(report).charts
    #expect(levels.map(\.parameter) == Fixture.knobs.map(\.text))
    try Golden.expect(#require(levels.first).svg, is: "level-cpu.svg")
  }

  @Test func `the front of two objectives`() throws {
    let report = try OddFixture.front()
    try Golden.expect(Summary(report).text, is: "summary-front.txt")
    try Golden.expect(MarkdownReport(report).text, is: "front.md")
    try Golden.expect(#require(FrontChart(report).svgs.first), is: "front.svg")
    #expect(try Page(report).html().contains("What there is to choose from"))
    #expect(try Report(reading: report.json) == report)
  }

  @Test func `the summary of a search in which nothing was feasible`() throws {
    try Golden.expect(Summary(OddFixture.nothingFeasible()).text, is: "summary-infeasible.txt")
  }

  @Test func `the summary of a search in which nothing could be measured`() throws {
    try Golden.expect(Summary(OddFixture.nothingMeasured()).text, is: "summary-unmeasured.txt")
  }
}
