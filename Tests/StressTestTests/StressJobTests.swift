import StressTest
import Testing
import Tuning

/// A stress test as JSON, as it is handed to a Job.
@Suite struct StressJobTests {
  static let jobs: [StressJob] = {
    let constraints = [
      Constraint(metric: .latencyP99, maximum: 50, isHeldByStressTest: true),
      Constraint(metric: .errorRate, maximum: 0.001, isHeldByStressTest: true),
    ]
    var load = StressPlan(constraints: constraints, arrival: .constant, warmUp: .zero)
    load.aim = .load(Rate(perSecond: 12.5), .milliseconds(1_500))
    load.stopsEarly = true
    let search = StressPlan(
      constraints: [], stepDuration: .seconds(9), rateMin: Rate(perSecond: 3),
      rateMax: Rate(perSecond: 30), tolerance: 0.2, expectedRate: Rate(perSecond: 7),
      incumbentRate: Rate(perSecond: 5), seed: .max)
    return [
      StressJob(target: HTTPTarget(url: "http://127.0.0.1/"), plan: load),
      StressJob(
        target: HTTPTarget(
          url: "http://a/b", method: "PUT", headers: [.init("A", "b: c"), .init("A", "d")],
          body: [0xFF, 0, 7], expectation: .openInference), plan: search),
      StressJob(
        target: HTTPTarget(
          url: "http://a/b", method: "POST", body: Array("ä\n".utf8),
          expectation: .contains("\"outputs\"")), plan: search),
    ]
  }()

  @Test(arguments: jobs)
  func `a job reads back as it was`(job: StressJob) throws {
    #expect(try StressJob(json: try job.json()) == job)
  }

  @Test func `what is left out has its default`() throws {
    let job = try StressJob(
      json:
        #"{"target": {"url": "http://a/", "body": "x"}, "plan": {"slo": {"latency_p99_ms": 50}}}"#)
    #expect(job.target == HTTPTarget(url: "http://a/", method: "POST", body: Array("x".utf8)))
    #expect(
      job.plan
        == StressPlan(
          constraints: [Constraint(metric: .latencyP99, maximum: 50, isHeldByStressTest: true)]))
  }

  @Test(
    arguments: [
      (#"{"target": {"url": "http://a/", "methods": "GET"}, "plan": {}}"#, "target.methods"),
      (#"{"target": {"url": "http://a/", "method": "GET /"}, "plan": {}}"#, "target.method"),
      (
        #"{"target": {"url": "http://a/", "headers": [{"name": "a\r\nb", "value": ""}]}, "plan": {}}"#,
        "target.headers"
      ),
      (#"{"target": {"url": "http://a/"}, "plan": {"warmup_seconds": -1}}"#, "plan.warmup_seconds"),
      (
        #"{"target": {"url": "http://a/"}, "plan": {"rate_rps": 1e6, "duration_seconds": 60}}"#,
        "plan.duration_seconds"
      ),
      (#"{"target": {"url": "http://a/"}, "plan": {"arrival": "never"}}"#, "plan.arrival"),
    ])
  func `what is wrong is placed`(text: String, place: String) {
    let error = #expect(throws: StressJobError.self) { try StressJob(json: text) }
    #expect(error?.place == place)
  }
}
