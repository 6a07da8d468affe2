import CustomResources
import Kubernetes
import Testing
import Tuning

@Suite struct TextFormTests {
  @Test(arguments: [
    ("2s", 2_000.0), ("500ms", 500), ("250us", 0.25), ("1.5m", 90_000), ("1h", 3_600_000),
    ("0.1s", 100), ("3", 3_000),
  ])
  func `durations are read`(text: String, milliseconds: Double) {
    #expect(DurationText.duration(text, bare: .seconds(1))?.milliseconds == milliseconds)
  }

  @Test(arguments: ["", "s", "-1s", "1 s", "1d", "1e3s", "0x1s", "infs", "99999999999h"])
  func `what is no duration is refused`(text: String) {
    #expect(DurationText.duration(text, bare: .seconds(1)) == nil)
  }

  @Test func `durations come back as they were`() {
    for text in ["2s", "1500ms", "250us", "7ns", "0s"] {
      #expect(DurationText.duration(text, bare: nil).map(DurationText.text) == text)
    }
  }

  @Test(arguments: [
    ("p99", "100ms", "latency_p99_ms", 100.0), ("p50", "0.5s", "latency_p50_ms", 500),
    ("latency_p95_ms", "20", "latency_p95_ms", 20), ("p90", "250us", "latency_p90_ms", 0.25),
    ("error-rate", "0.1%", "error_rate", 0.001), ("error_rate", "0.01", "error_rate", 0.01),
    ("memory", "2Gi", "memory_gib", 2), ("memory", "512Mi", "memory_gib", 0.5),
    ("latency_ms", "100ms", "latency_ms", 100), ("QPS", "5", "throughput_rps", 5),
  ])
  func `bounds are in the metric's own unit`(
    name: String, text: String, metric: String, value: Double
  ) {
    #expect(MetricName.metric(name).name == metric)
    #expect(MetricName.bound(text, on: MetricName.metric(name)) == value)
  }

  @Test(arguments: [
    "plain", "1", "1.0", "true", "no", "null", "~", "", " lead", "a: b", "# c", "0x1f", "1e3",
    "2024-01-01", "1:30", "line\nbreak", "tab\tand \"quotes\"", "über", "- dash", "*star", "=",
    "<<",
    "trailing\n", "\n", "back\\slash", "8080:80", "y", "012", "@at", "%p", "{x}",
  ])
  func `a text that is written comes back as that text`(text: String) {
    let value = JSONValue.object(
      JSONObject([("key", .string(text)), ("list", [.string(text)]), (text, 1)]))
    #expect(Manifest(YAMLText.encode(value), file: "x").documents.first?.value == value)
    #expect(Manifest(JSONText.encode(value), file: "x").documents.first?.value == value)
  }

  @Test(
    arguments: [
      ("1", 1), ("-7", -7), ("0x1F", 31), ("0644", 420), ("0b11", 3), ("0o17", 15),
      ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("yes", true), ("Off", false), ("~", nil),
      ("\"1\"", "1"), ("'true'", "true"), ("!!str 1", "1"), ("1:30", "1:30"),
      ("500m", "500m"), ("2024-01-01", "2024-01-01"), ("1.2.3", "1.2.3"), ("089", 89.0),
    ] as [(String, JSONValue)])
  func `scalars mean what the Kubernetes tools take them for`(text: String, value: JSONValue) {
    let document = Manifest("key: \(text)", file: "x").documents.first
    #expect(document?.value["key"] == value)
  }

  @Test func `references that multiply are refused before they fill the memory`() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let reference = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(reference)]\n"
    }
    let manifest = Manifest(text, file: "bomb.yaml")
    #expect(manifest.documents.isEmpty)
    #expect(
      manifest.diagnostics.description
        == "error: bomb.yaml:1:1: more than 100000 values; use fewer references")
  }
}
