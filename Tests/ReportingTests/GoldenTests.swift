import Reporting
import Testing

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
}
