import Foundation
import Testing

/// Loads other than one rate, and requests other than one body.
@Suite(.serialized) struct StressLoadTests {
  private struct Printed: Decodable {
    struct Step: Decodable {
      let offered_rps: Double
      let holds: Bool
    }

    let throughput_rps: Double?
    let offered_rps: Double?
    let errors: [String: Int]
    let steps: [Step]
  }

  private func stress(
    _ url: String, _ arguments: String..., variables: [String: String] = [:]
  ) throws -> (result: Morphling.Result, printed: Printed?) {
    let result = try Morphling.started(
      ["stress", url, "--output", "json", "--warm-up", "100ms"] + arguments, variables: variables
    ).finished()
    return (result, try? JSONDecoder().decode(Printed.self, from: Data(result.output.utf8)))
  }

  @Test func `users in a closed loop can't pile up`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "10"])
    let (result, printed) = try stress(server.url, "--concurrency", "4", "--duration", "2s")
    #expect(result.hasMeasured, "\(result.errors)")
    // One worker that is busy 10 ms can do at most 100, whoever waits for it.
    #expect((10...101).contains(try #require(printed?.throughput_rps)))
    #expect(printed?.errors.isEmpty == true)
    #expect(printed?.steps.count == 1)
  }

  @Test func `steps and ramps are judged part by part`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "1"])
    let steps = try stress(server.url, "--steps", "20,60", "--duration", "3s")
    #expect(steps.result.hasMeasured, "\(steps.result.errors)")
    let rates = try #require(steps.printed?.steps.map(\.offered_rps))
    #expect(rates.count == 2)
    #expect(abs(rates[0] - 20) < 8 && abs(rates[1] - 60) < 20)
    let ramp = try stress(
      server.url, "--ramp", "10-90", "--duration", "2s", "--arrival", "constant")
    #expect(ramp.printed?.steps.count == 10)
  }

  private struct Used: Decodable {
    struct Resources: Decodable {
      let memory_peak_bytes: Int?
      let gpu_memory_bytes: Int?
      let throttled_seconds: Double?
    }
    let resources: Resources
  }

  private func used(
    _ server: StandInServer, _ prometheus: StandInServer
  ) throws -> (Used.Resources, Morphling.Result) {
    let root = "http://127.0.0.1:\(prometheus.port)"
    let result = try stress(
      server.url, "--rate", "20", "--duration", "2s", "--prometheus", root,
      "--usage-of", "shop/embedder-.*/main"
    ).result
    let used = try JSONDecoder().decode(Used.self, from: Data(result.output.utf8))
    return (used.resources, result)
  }

  @Test func `what the server uses is asked for where somebody knows`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "1"])
    let (known, result) = try used(server, StandInServer(["MODE": "prometheus"]))
    #expect(result.hasMeasured, "\(result.errors)")
    #expect(known.memory_peak_bytes == 3 << 30)
    #expect(known.gpu_memory_bytes == 512 << 20)
    #expect(known.throttled_seconds == nil)
    let (unknown, warned) = try used(server, StandInServer(["MODE": "garbage"]))
    #expect(warned.hasMeasured, "what isn't known spoils no measurement")
    #expect(warned.errors.contains("its answer is none of Prometheus"), "\(warned.errors)")
    #expect(unknown.memory_peak_bytes == nil && unknown.gpu_memory_bytes == nil)
    let wrong = try stress(server.url, "--rate", "20", "--prometheus", "nowhere").result
    #expect(wrong.status == 2)
    #expect(wrong.errors.contains("--prometheus: \"nowhere\""), "\(wrong.errors)")
  }

  @Test func `recorded arrivals are replayed`() throws {
    let server = try StandInServer(["SERVICE_MILLISECONDS": "1"])
    let folder = try TemporaryFolder()
    let times = (0..<60).map { String(Double($0) / 20) }.joined(separator: "\n")
    let file = try folder.write(times, to: "times.csv")
    let (result, printed) = try stress(server.url, "--replay", file, "--replay-speed", "2")
    #expect(result.hasMeasured, "\(result.errors)")
    #expect(abs(try #require(printed?.offered_rps) - 40) < 4)
  }

  @Test func `bodies vary, and a token is sent and never printed`() throws {
    let server = try StandInServer(["MODE": "echo"])
    let folder = try TemporaryFolder()
    let corpus = try folder.write("{\"a\": 1}\n\n{\"a\": 1}\n", to: "bodies.jsonl")
    let token = try folder.write("very-secret\n", to: "token")
    let short = ["--rate", "40", "--duration", "300ms"]
    for (arguments, expected) in [
      (["--body-corpus", corpus], "POST {\"a\": 1}"),
      (["--body-template", "n={{choice 7|7}}"], "POST n=7"),
      (["--bearer-token-file", token], "Bearer very-secret"),
      (["--bearer-token-variable", "MY_TOKEN"], "Bearer from-a-variable"),
    ] {
      let result = try Morphling.started(
        ["stress", server.url, "--warm-up", "0s", "--expect", expected] + short + arguments,
        variables: ["MY_TOKEN": "from-a-variable"]
      ).finished()
      #expect(result.hasMeasured, "\(arguments): \(result.errors)")
      #expect(!(result.output + result.errors).contains("secret"))
    }
  }

  private static let here = "http://127.0.0.1:9/"

  @Test(
    arguments: [
      ([here, "--rate", "1", "--concurrency", "2"], "--rate beside --concurrency"),
      ([here, "--concurrency", "0"], "--concurrency: 0"),
      ([here, "--ramp", "5"], "--ramp: \"5\""), ([here, "--ramp", "a-b"], "--ramp: \"a-b\""),
      ([here, "--ramp", "0-0"], "no request would be due"),
      ([here, "--steps", "1,,2"], "--steps: \"1,,2\""),
      ([here, "--replay", "nowhere.csv"], "nowhere.csv"),
      ([here, "--rate", "1", "--replay-speed", "2"], "--replay-speed: given without --replay"),
      ([here, "--concurrency", "1", "--stop-early"], "--stop-early: given with --concurrency"),
      ([here, "--concurrency", "1", "--rate-max", "9"], "--rate-max: given with --concurrency"),
      (
        [here, "--rate", "1", "--body-template", "{{nothing}}"], "--body-template: \"{{nothing}}\""
      ),
      ([here, "--rate", "1", "--body", "a", "--body-template", "b"], "beside another body"),
      ([here, "--rate", "1", "--key-file", "k"], "--key-file: given without --cert-file"),
      ([here, "--rate", "1", "--bearer-token-variable", "NO_SUCH"], "$NO_SUCH: no bearer token"),
      ([here, "--rate", "1", "--http", "3"], "3"),
      (["-f", "x", "--concurrency", "1"], "other options are given"),
    ] as [([String], String)])
  func `wrong loads and requests end with 2 and say what is wrong`(
    arguments: [String], message: String
  ) throws {
    let result = try Morphling.started(["stress"] + arguments).finished()
    #expect(result.status == 2, "\(result.errors)")
    #expect(result.errors.contains(message), "\(result.errors)")
  }

  @Test func `a certificate that nobody vouches for is told at once`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("no certificate", to: "ca.pem")
    let result = try Morphling.run(
      "stress", "https://127.0.0.1:9/", "--rate", "1", "--readiness-deadline", "200ms", "--ca-file",
      file)
    #expect(result.status != 0)
    #expect(result.errors.contains("ca.pem"), "\(result.errors)")
  }
}
