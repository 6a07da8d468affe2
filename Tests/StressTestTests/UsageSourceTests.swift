import Foundation
import StressTest
import Testing
import Tuning

/// What a Prometheus is asked of a candidate, and what is made of its answer.
@Suite struct UsageSourceTests {
  private func source(container: String = "main") throws -> UsageSource {
    UsageSource(
      prometheus: try #require(ServerRoot("http://prometheus:9090/")), namespace: "shop",
      pods: "embedder-3-.*", container: container)
  }

  @Test func `one question asks for all figures of the candidate's container alone`() throws {
    let query = try source().query(over: .milliseconds(89_500))
    let ours = #"{namespace="shop",pod=~"embedder-3-.*",container="main"}[90s]"#
    for series in [
      "container_memory_working_set_bytes", "container_cpu_usage_seconds_total",
      "container_cpu_cfs_throttled_seconds_total", "container_oom_events_total",
    ] {
      #expect(query.contains("sum(max_over_time(\(series)\(ours)))"))
    }
    let theirs =
      #"{exported_namespace="shop",exported_pod=~"embedder-3-.*",exported_container="main"}[90s]"#
    #expect(query.contains("max_over_time(DCGM_FI_DEV_FB_USED\(theirs)) or "))
    #expect(query.contains("avg(avg_over_time(DCGM_FI_DEV_GPU_UTIL\(theirs)) or "))
    #expect(query.components(separatedBy: "label_replace(").count == 7)
  }

  @Test func `no name gets out of its quotes`() throws {
    let query = try source(container: #"a"} or up{b="\"#).query(over: .seconds(1))
    #expect(query.contains(#"container="a\"} or up{b=\"\\"}"#))
  }

  @Test func `an answer's figures have their units`() throws {
    let answer = #"""
      {"status": "success", "data": {"resultType": "vector", "result": [
        {"metric": {"usage": "memory"}, "value": [1790000000.123, "2147483648"]},
        {"metric": {"usage": "cpu"}, "value": [1790000000.123, "12.5"]},
        {"metric": {"usage": "kills"}, "value": [1790000000, "1"]},
        {"metric": {"usage": "gpu_memory"}, "value": [1790000000, "512"]},
        {"metric": {"usage": "gpu_utilization"}, "value": [1790000000, "37"]},
        {"metric": {"usage": "of something else"}, "value": [1790000000, "1"]},
        {"metric": {"usage": "throttled"}, "value": [1790000000, "NaN"]}]}}
      """#
    let usage = try Candidate.Usage(prometheus: Array(answer.utf8))
    #expect(usage.memoryPeak?.gibibytes == 2)
    #expect(usage.cpu == .milliseconds(12_500))
    #expect(usage.outOfMemoryKills == 1)
    #expect(usage.gpuMemoryPeak?.gibibytes == 0.5)
    #expect(usage.gpuUtilization == Share(0.37))
    #expect(usage.throttled == nil, "what it doesn't know is no 0")
  }

  @Test(arguments: ["memory", "cpu", "throttled", "kills", "gpu_memory", "gpu_utilization"])
  func `a figure that nothing can use isn't believed`(figure: String) throws {
    for number in ["1e300", "9e15", "-1", "+Inf"] {
      let answer =
        #"{"data": {"result": [{"metric": {"usage": "\#(figure)"}, "value": [1, "\#(number)"]}]}}"#
      #expect(try Candidate.Usage(prometheus: Array(answer.utf8)) == Candidate.Usage())
    }
  }

  @Test(arguments: [
    "", "[]", "{\"data\": {}}", #"{"status": "error", "error": "bad_data"}"#,
    #"{"data": {"result": [{"metric": {}, "value": ["1"]}]}}"#,
    #"{"data": {"result": [{"metric": {"usage": "cpu"}, "value": [1, "many"]}]}}"#,
  ])
  func `anything else is refused`(answer: String) {
    #expect(throws: DecodingError.self) { try Candidate.Usage(prometheus: Array(answer.utf8)) }
  }

  @Test func `a later reading never takes a peak back`() {
    let first = Candidate.Usage(memoryPeak: ByteCount(9), cpu: .seconds(3))
    let second = Candidate.Usage(
      memoryPeak: ByteCount(5), cpu: .seconds(4), gpuUtilization: Share(0.5))
    #expect(
      first.raised(to: second)
        == Candidate.Usage(
          memoryPeak: ByteCount(9), cpu: .seconds(4), gpuUtilization: Share(0.5)))
    #expect(first.raised(to: Candidate.Usage()) == first)
  }

  @Test(
    arguments: [
      ("http://a:9090", "http://a:9090"), ("https://a/prometheus/", "https://a/prometheus"),
      ("a:9090", nil), ("http://", nil), ("http:///x", nil), ("http://a/?b", nil),
      ("file:///etc/passwd", nil), ("http://u@a", nil), ("http://a b", nil),
    ] as [(String, String?)])
  func `a root is an address to append paths to`(text: String, root: String?) {
    #expect(ServerRoot(text)?.description == root)
  }

  @Test func `a job keeps its source, and refuses one that is none`() throws {
    var job = StressJobTests.jobs[0]
    job.usage = try source()
    #expect(try StressJob(json: job.json()) == job)
    let text = try job.json().replacingOccurrences(of: "http://prometheus:9090", with: "prometheus")
    let error = #expect(throws: StressJobError.self) { try StressJob(json: text) }
    #expect(error?.place == "usage.prometheus")
  }
}
