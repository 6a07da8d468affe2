import Foundation
import Reporting
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

struct PageTests {
  @Test func `every odd search has a page, a summary, a comment and a table`() throws {
    for (name, report) in try OddFixture.all() {
      let html = try Page(report).html()
      #expect(html.hasSuffix("</html>\n"), "\(name)")
      for sign in [">nan", "\"nan", ",nan", ">inf<", "\"inf", ",inf", "Optional("] {
        #expect(!html.contains(sign), "\(name): \(sign)")
      }
      #expect(!Summary(report).text.isEmpty, "\(name)")
      #expect(MarkdownReport(report).text.hasPrefix("### "), "\(name)")
      #expect(
        TrialTable(report).csv.split(separator: "\n").count > report.trials.count, "\(name)")
    }
  }

  @Test func `no line of a summary is longer than its width`() throws {
    for (name, report) in try OddFixture.all() {
      for line in Summary(report).text.split(separator: "\n") {
        #expect(line.count <= Summary.width, "\(name): \(line)")
      }
    }
  }

  @Test func `charts are well-formed XML with a name`() throws {
    for (name, report) in try OddFixture.all() {
      let (load, search) = (LoadCharts(report), SearchCharts(report))
      let charts = [
        load.latency, load.throughput, search.progress, search.regret, TradeOffChart(report).svg,
      ]
      for svg in charts.compactMap({ $0 }) + LevelCharts(report).charts.map(\.svg) {
        #expect(XMLParser(data: Data(svg.utf8)).parse(), "\(name): \(svg.prefix(300))")
        #expect(svg.contains("role=\"img\"") && svg.contains("aria-label=\""))
      }
    }
  }

  @Test func `a chart without data is left out`() throws {
    let replay = try OddFixture.replay()
    #expect(LoadCharts(replay).latency == nil)
    #expect(LoadCharts(replay).throughput == nil)
    #expect(SearchCharts(replay).regret == nil)
    #expect(TradeOffChart(replay).svg == nil)
    #expect(SearchCharts(replay).progress != nil)
    let html = try Page(replay).html()
    #expect(!html.contains("Latency under load"))
    #expect(!html.contains("How to apply it"))
    let none = try OddFixture.noTrials()
    #expect(SearchCharts(none).progress == nil)
    #expect(LevelCharts(none).charts.isEmpty)
    #expect(try !Page(none).html().contains("<svg"))
  }

  @Test func `what a user names is text, never markup`() throws {
    let html = try Page(OddFixture.hostile()).html()
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(html.contains("{{title}}"))
    #expect(html.ranges(of: "<script>").count == 1)
    #expect(html.ranges(of: "<pre>").count == html.ranges(of: "</pre>").count)
  }

  @Test func `a terminal is safe from what a user names`() throws {
    let text = try Summary(OddFixture.hostile()).text
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test func `a pull request is safe from what a user names`() throws {
    let text = try MarkdownReport(OddFixture.hostile()).text
    let prose = text.prefix { $0 != "`" }
    #expect(!prose.contains("<script>"))
    #expect(text.contains("````yaml\n```\n"))
  }

  @Test func `a page asks for nothing from elsewhere`() throws {
    let html = try Page(Fixture.report()).html().replacing("http://www.w3.org/2000/svg", with: "")
    for sign in ["http://", "https://", "src=", "<link", "@import", "url(\"", "url(//"] {
      #expect(!html.contains(sign), "\(sign)")
    }
  }

  @Test func `nothing to change is said plainly`() throws {
    let report = try OddFixture.oneTrial()
    #expect(Summary(report).text.hasPrefix("Keep what is there: cpu=1 memory=2Gi"))
    #expect(try Page(report).html().contains("Keep what is there"))
  }

  @Test func `a cell of the table with commas and quotes is quoted`() throws {
    let csv = try TrialTable(OddFixture.hostile()).csv
    #expect(csv.contains("\"b,\"\"c\"\"\n\""))
  }

  @Test func `colours are there when asked for, and only then`() throws {
    let report = try Fixture.report()
    let coloured = Summary(report, isColoured: true).text
    let plain = Summary(report).text
    #expect(!plain.contains("\u{1B}"))
    #expect(coloured.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
  }
}
