import Foundation
import Glibc
import Testing

/// `morphling stress` against servers of all kinds.
@Suite(.serialized) struct StressCommandTests {
  private struct Number: Decodable {
    let value: Double?
    let lower: Double?
    let upper: Double?
  }

  private struct Verdict: Decodable {
    let sound: Bool
    let reasons: [String]
  }

  private struct Step: Decodable {
    let offered_rps: Double
    let holds: Bool
  }

  /// What scripts read.
  private struct Printed: Decodable {
    let throughput_rps: Double?
    let offered_rps: Double?
    let latency_ms: [String: Number]
    let latency_uncorrected_ms: [String: Number]
    let errors: [String: Int]
    let schedule_lag_ms: [String: Double?]
    let client_cpu_seconds: Double
    let warmup_seconds: Double
    let verdict: Verdict
    let steps: [Step]
  }

  private func printed(_ result: Morphling.Result) throws -> Printed {
    try JSONDecoder().decode(Printed.self, from: Data(result.output.utf8))
  }

  private func stress(
    _ url: String, _ arguments: String..., variables: [String: String] = [:], input: String? = nil
  ) throws -> Morphling.Result {
    try Morphling.started(
      ["stress", url, "--output", "json"] + arguments, variables: variables, input: input
    ).finished()
  }

  // MARK: Healthy servers

  @Test func `one load is measured, with everything that the result promises`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "5"])
    let result = try stress(
      server.url, "--rate", "60", "--duration", "3s", "--warm-up", "200ms", "--expect",
      "\"answer\": 42")
    #expect(result.hasMeasured, "\(result.errors)")
    let found = try printed(result)
    #expect(abs(try #require(found.throughput_rps) - 60) < 6)
    #expect(abs(try #require(found.offered_rps) - 60) < 6)
    #expect(found.latency_ms.count == 7)
    let median = try #require(found.latency_ms["p50"])
    #expect(try #require(median.value) >= 5)
    #expect(try #require(median.lower) <= (try #require(median.value)))
    #expect(try #require(median.upper) >= (try #require(median.value)))
    #expect(try #require(found.latency_ms["p999"]).value == nil)
    #expect(found.latency_uncorrected_ms.count == 7)
    #expect(found.errors.isEmpty)
    #expect(found.schedule_lag_ms.count == 3)
    #expect(found.client_cpu_seconds > 0)
    #expect(found.warmup_seconds >= 0.2)
    #expect(found.steps.count == 1)
  }

  @Test func `the capacity is found, and fits a termination message`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "10"])
    let folder = try TemporaryFolder()
    let log = try folder.write("something longer than nothing", to: "termination-log")
    let result = try stress(
      server.url, "--find-capacity", "--slo", "p99=200ms", "--time-budget", "12s", "--warm-up",
      "300ms", "--rate-max", "500", "--termination-log", log)
    #expect(result.hasMeasured, "\(result.errors)")
    let found = try printed(result)
    // One worker that is busy 10 ms can do at most 100; how near to it an estimate comes in so little
    // time depends on the machine, and is in the benchmarks.
    let capacity = try #require(found.throughput_rps)
    #expect(capacity > 0 && capacity < 500, "\(capacity)")
    #expect(try #require(found.latency_ms["p99"]?.value) <= 200)
    #expect(found.steps.count >= 3)
    #expect(found.steps.contains { !$0.holds })
    let written = try Data(contentsOf: URL(filePath: log))
    #expect(written.count <= 4_096)
    let compact = try #require(
      try JSONSerialization.jsonObject(with: written) as? [String: Any])
    let outcome = try #require(compact["outcome"] as? [String: Any])
    #expect(outcome["measured"] != nil)
    #expect(
      abs(try #require(compact["throughput_rps"] as? Double) - (found.throughput_rps ?? 0)) < 0.1)
  }

  @Test func `a stall of half a second shows in the 99th percentile`() throws {
    let server = try StandInServer(["MODE": "stall", "SERVICE_MILLISECONDS": "1"])
    let result = try stress(
      server.url, "--rate", "100", "--duration", "4s", "--arrival", "constant", "--warm-up", "0s",
      "--slo", "p99=2s")
    let found = try printed(result)
    // 50 of 400 requests were due while the server stood still; a client that waits for each
    // answer would have met the stall once.
    #expect(try #require(found.latency_ms["p99"]?.value) > 350)
    #expect(try #require(found.latency_ms["p90"]?.value) > 50)
    #expect(try #require(found.latency_ms["p50"]?.value) < 100)
    #expect(try #require(found.latency_ms["max"]?.value) > 450)
  }

  @Test func `a text is printed for people`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "2"])
    let result = try Morphling.run("stress", server.url, "--rate", "50", "--duration", "2s")
    #expect(result.hasMeasured, "\(result.errors)")
    for word in ["throughput", "latency", "p99", "req/s", "verdict"] {
      #expect(result.output.contains(word), "\(word) in:\n\(result.output)")
    }
    #expect(result.errors.contains("held"))
    #expect(!result.errors.contains("\u{1B}"))
  }

  @Test func `a body comes from a text, a file, or standard input`() throws {
    let server = try StandInServer(["MODE": "echo"])
    let folder = try TemporaryFolder()
    let file = try folder.write("from a file", to: "body.txt")
    let short = ["--rate", "50", "--duration", "200ms", "--warm-up", "0s"]
    for (body, expected) in [
      ("a text", "a text"), (file, "from a file"), ("@" + file, "from a file"), ("@-", "piped"),
    ] {
      let result = try Morphling.started(
        ["stress", server.url, "--body", body, "--expect", "POST " + expected] + short,
        input: "piped"
      ).finished()
      #expect(result.hasMeasured, "\(body): \(result.errors)")
    }
    let header = try Morphling.started(
      ["stress", server.url, "--header", "X-Tenant:  blue", "--expect", "X-Tenant: blue"] + short
    ).finished()
    #expect(header.hasMeasured, "\(header.errors)")
  }

  // MARK: Servers that fail

  @Test(
    arguments: [
      ("hang", "hung under load"), ("crash", "hung under load"), ("errors", "answered wrongly"),
      ("garbage", "answered wrongly"), ("exit", "never became ready"),
      ("never-ready", "never became ready"),
    ])
  func `a server that fails is infeasible with its reason`(mode: String, reason: String) throws {
    let server = try StandInServer(["MODE": mode])
    let folder = try TemporaryFolder()
    let log = folder.path + "/log"
    let result = try stress(
      server.url, "--find-capacity", "--expect", "\"answer\": 42", "--readiness-deadline", "2s",
      "--timeout", "500ms", "--warm-up", "500ms", "--time-budget", "5s", "--termination-log", log)
    #expect(result.status == 3, "\(result.errors)")
    #expect(result.errors.contains(reason), "\(result.errors)")
    let found = try printed(result)
    #expect(found.throughput_rps == nil)
    #expect(found.latency_ms["p99"]?.value == nil)
    #expect(try String(contentsOfFile: log, encoding: .utf8).contains(reason))
  }

  @Test func `descriptors that run out are counted, and end nothing`() throws {
    let server = try StandInServer(["MODE": "hang"])
    let result = try Morphling.started(
      [
        "stress", server.url, "--output", "json", "--rate", "200", "--duration", "4s", "--timeout",
        "3s", "--warm-up", "0s",
      ], descriptors: 100
    ).finished()
    #expect(result.status == 3 || result.isUnusable, "\(result.errors)")
    let errors = try printed(result).errors
    #expect(errors.keys.contains { $0.contains("no descriptor") }, "\(errors)")
  }

  @Test func `a load that breaks its bound is measured, and ends with 3`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "20"])
    let result = try Morphling.judged {
      try stress(
        server.url, "--rate", "30", "--duration", "2s", "--slo", "p99=5ms", "--warm-up", "0s")
    }
    #expect(result.status == 3, "\(result.errors)")
    #expect(result.errors.contains("latency_p99_ms was"), "\(result.errors)")
    let found = try printed(result)
    #expect(try #require(found.latency_ms["p50"]?.value) >= 20)
    #expect(try #require(found.throughput_rps) > 10)
    #expect(found.steps.map(\.holds) == [false])
  }

  @Test func `a refused connection never becomes ready`() throws {
    let port = try StandInServer.freePort()
    let result = try stress(
      "http://127.0.0.1:\(port)/", "--rate", "10", "--readiness-deadline", "500ms")
    #expect(result.status == 3)
    #expect(result.errors.contains("never became ready"), "\(result.errors)")
    #expect(try printed(result).steps.isEmpty)
  }

  @Test func `a signal ends it with 4`() throws {
    let server = try StandInServer(["MODE": "never-ready"])
    let running = try Morphling.started(["stress", server.url, "--rate", "10"])
    Thread.sleep(forTimeInterval: 0.5)
    running.send(SIGTERM)
    let result = try running.finished()
    #expect(result.status == 4, "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  // MARK: Where load may go

  @Test(
    arguments: [
      ("http://93.184.215.14/", "not this machine"), ("http://10.1.2.3/", "not this machine"),
      ("http://[2001:db8::1]/", "not this machine"), ("http://1.1/", "not this machine"),
      ("http://morphling-test.invalid/", "can't be resolved"),
      ("ftp://127.0.0.1/", "its scheme is \"ftp\""), ("127.0.0.1:80", "no URL"),
      ("http://", "no URL"), ("http://user:secret@127.0.0.1/", "a password in it"),
      ("http://127.0.0.1#@93.184.215.14/", "never became ready"),
    ])
  func `load goes to this machine only`(url: String, message: String) throws {
    let result = try Morphling.run(
      "stress", url, "--rate", "1", "--readiness-deadline", "100ms", "--duration", "1s")
    // The last is an address of this machine with a fragment, on whose port 80 nobody listens.
    #expect(result.status == (message.hasPrefix("never") ? 3 : 2), "\(result.errors)")
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(!result.errors.contains("secret"))
  }

  @Test(
    arguments: [
      ("http://10.1.2.3:1/", false), ("http://93.184.215.14/", true),
      ("http://169.254.169.254/", true),
      ("http://[::ffff:8.8.8.8]/", true),
    ])
  func `in a pod, load goes to the cluster too`(url: String, isRefused: Bool) throws {
    let running = try Morphling.started(
      ["stress", url, "--rate", "1", "--readiness-deadline", "100ms"],
      variables: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
    if isRefused {
      let result = try running.finished()
      #expect(result.status == 2)
      #expect(result.errors.contains("--allow-external"), "\(result.errors)")
    } else {
      Thread.sleep(forTimeInterval: 0.5)
      running.send(SIGTERM)
      // Waiting for an answer, or having waited: not refused.
      #expect([3, 4].contains(try running.finished().status))
    }
  }

  // MARK: Plans

  @Test func `a plan says the same as options, in a file or a variable`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "2"])
    let folder = try TemporaryFolder()
    let plan = """
      {"target": {"url": "\(server.url)", "expect": "42"},
       "plan": {"rate_rps": 40, "duration_seconds": 1, "warmup_seconds": 0.1,
                "slo": {"latency_p99_ms": 500}, "arrival": "constant"}}
      """
    let file = try folder.write(plan, to: "plan.json")
    for running in [
      try Morphling.started(["stress", "-f", file, "--output", "json"]),
      try Morphling.started(
        ["stress", "--output", "json"], variables: ["MORPHLING_STRESS_PLAN": plan]),
    ] {
      let result = try running.finished()
      #expect(result.hasMeasured, "\(result.errors)")
      #expect(abs(try #require(try printed(result).offered_rps) - 40) < 1)
    }
  }

  @Test(
    arguments: [
      (#"{"target": {"url": "http://127.0.0.1/"}, "plan": {"rate": 1}}"#, "plan.rate: unknown"),
      (#"{"target": {"url": 7}, "plan": {}}"#, "target.url: a value of the wrong kind"),
      (#"{"plan": {}}"#, "no \"target\""), ("{", "plan.json: "),
      (
        #"{"target": {"url": "http://127.0.0.1/"}, "plan": {"slo": {"cost": 1}}}"#,
        "plan.slo: \"cost\""
      ),
      (
        #"{"target": {"url": "http://127.0.0.1/"}, "plan": {"rate_rps": -1}}"#,
        "plan.rate_rps: -1.0; a rate"
      ),
      (
        #"{"target": {"url": "http://127.0.0.1/"}, "plan": {"rate_min_rps": 9, "rate_max_rps": 2}}"#,
        "plan.rate_max_rps: below rate_min_rps"
      ),
    ])
  func `a wrong plan is placed`(text: String, message: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(text, to: "plan.json")
    let result = try Morphling.run("stress", "-f", file)
    #expect(result.status == 2)
    #expect(result.errors.contains(message), "\(result.errors)")
  }

  // MARK: Wrong options

  private static let here = "http://127.0.0.1:9/"

  @Test(
    arguments: [
      ([], "no server"), ([here], "nothing to do"),
      ([here, "--rate", "1", "--find-capacity"], "--rate beside --find-capacity"),
      ([here, "-f", "x", "--rate", "1"], "a URL beside -f"),
      (["-f", "x", "--rate", "1"], "other options are given"),
      (["-f", "no-such.json"], "no-such.json: no such file"),
      ([here, "--rate", "0"], "--rate: 0.0"), ([here, "--rate", "nan"], "--rate"),
      ([here, "--rate", "fast"], "fast"),
      ([here, "--rate", "1", "--duration", "soon"], "--duration: \"soon\""),
      ([here, "--rate", "1000000", "--duration", "1h"], "--duration: too many requests"),
      ([here, "--rate", "1", "--rate-max", "9"], "--rate-max: given with --rate"),
      ([here, "--find-capacity", "--duration", "9s"], "--duration: given with --find-capacity"),
      (
        [here, "--find-capacity", "--rate-min", "9", "--rate-max", "2"],
        "--rate-max: below --rate-min"
      ),
      ([here, "--rate", "1", "--slo", "p99"], "--slo: \"p99\""),
      ([here, "--rate", "1", "--slo", "memory=2Gi"], "--slo: \"memory_gib\""),
      ([here, "--rate", "1", "--header", "nonsense"], "--header: \"nonsense\""),
      ([here, "--rate", "1", "--header", "A: b\r\nC: d"], "--header"),
      ([here, "--rate", "1", "--method", "GET /"], "--method"),
      ([here, "--rate", "1", "--body", "@nowhere"], "nowhere: no such file"),
      ([here, "--rate", "1", "--protocol", "oip"], "oip without a body"),
      ([here, "--rate", "1", "--protocol", "smtp"], "smtp"),
      ([here, "--rate", "1", "--protocol", "openai"], "openai without a body"),
      ([here, "--rate", "1", "--slo", "ttft-p99=1s"], "it belongs to --protocol openai"),
      (
        [here, "--rate", "1", "--protocol", "openai", "--body", "{}", "--expect", "x"],
        "--expect: given with --protocol openai"
      ),
      ([here, "--rate", "1", "--protocol", "oip-grpc", "--body", "{}"], "names no model"),
      (
        [here + "v2/models/m/infer", "--rate", "1", "--protocol", "oip-grpc", "--body", "{}"],
        "no inference request in JSON"
      ),
      ([here, "--rate", "1", "--timeout", "0s"], "--timeout"),
      ([here, "--find-capacity", "--time-budget", "1s"], "from 5s to 24h"),
    ] as [([String], String)])
  func `wrong options end with 2 and say what is wrong`(
    arguments: [String], message: String
  ) throws {
    let result = try Morphling.started(["stress"] + arguments).finished()
    #expect(result.status == 2)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test func `all problems of the options are told at once`() throws {
    let result = try Morphling.run(
      "stress", Self.here, "--rate", "0", "--slo", "p99", "--timeout", "soon", "--header", "x")
    #expect(result.status == 2)
    #expect(result.errors.split(separator: "\n").count == 4, "\(result.errors)")
  }

  @Test func `a termination log that can't be written is a failure`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "2"])
    let result = try stress(
      server.url, "--rate", "20", "--duration", "500ms", "--warm-up", "0s", "--termination-log",
      "/nowhere/log")
    #expect(result.status == 1)
    #expect(result.errors.contains("--termination-log"), "\(result.errors)")
  }
}
