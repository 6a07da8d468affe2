import StressTest
import Testing
import Tuning

/// What a window says of answers that were generated.
@Suite struct GenerationSeriesTests {
  /// A request each 100 ms whose first token comes after `first` and others `gap` apart, in
  /// milliseconds.
  private func recording(
    count: Int = 100, tokens: Int = 5, lag: Int64 = 0, first: (Int) -> Int64, gap: (Int) -> Int64,
    result: (Int) -> RequestResult = { _ in .success }
  ) -> LoadRecording {
    let requests = (0..<count).map { index in
      let intended = Int64(index) * 100_000_000
      let arrivals = (0..<Int64(tokens)).map { (first(index) + $0 * gap(index)) * 1_000_000 }
      let isRight = result(index) == .success
      return RequestRecord(
        intendedStart: intended, actualStart: intended + lag * 1_000_000,
        end: intended + lag * 1_000_000 + (arrivals.last ?? 0), result: result(index),
        generation: isRight
          ? Generation(arrivals: arrivals, inputTokens: 8, outputTokens: nil) : nil)
    }
    return LoadRecording(requests: requests, wasCutShort: false, generatorCPU: .zero)
  }

  private func summary(_ recording: LoadRecording, bounds: [Metric: Double] = [:])
    -> LoadStepSummary
  {
    let window = LoadWindow(
      intendedStarts: recording.requests.map(\.intendedStart), duration: .seconds(10),
      timeout: .seconds(10), outstandingMax: 1_000)
    let constraints = bounds.map {
      Constraint(metric: $0.key, maximum: $0.value, isHeldByStressTest: true)
    }
    return LoadStepSummary(
      recording, of: window, rate: Rate(perSecond: 10), limits: LoadLimits(constraints: constraints)
    )
  }

  @Test func `times count from the intended start, from piece to piece, and per token`() throws {
    let step = summary(recording(lag: 3, first: { _ in 20 }, gap: { _ in 4 })).step
    let generation = try #require(step.generation)
    #expect(abs(try #require(generation["ttft_p50_ms"]) - 23) < 1e-9)
    #expect(abs(try #require(generation["ttft_p99_ms"]) - 23) < 1e-9)
    #expect(abs(try #require(generation["itl_mean_ms"]) - 4) < 1e-9)
    #expect(abs(try #require(generation["tpot_p99_ms"]) - 4) < 1e-9)
    #expect(abs(try #require(generation[.outputTokensPerSecond]) - 50) < 1)
    #expect(generation[.outputTokensMean] == 5 && generation[.inputTokensMean] == 8)
    #expect(generation[.latencyP99] == nil)
  }

  @Test func `the slow pieces show in the tail of the gaps, not in their mean over an answer`()
    throws
  {
    // Every tenth answer has gaps of 40 ms instead of 4.
    let step = summary(recording(first: { _ in 20 }, gap: { $0 % 10 == 5 ? 40 : 4 })).step
    #expect(abs(try #require(step.latency("itl_p50_ms")) - 4) < 1e-9)
    #expect(abs(try #require(step.latency("itl_p99_ms")) - 40) < 1e-9)
    #expect(abs(try #require(step.latency("itl_mean_ms")) - 7.6) < 1e-9)
  }

  @Test func `a bound on a token's time is held or broken`() {
    let steady = recording(first: { _ in 20 }, gap: { _ in 4 })
    #expect(summary(steady, bounds: ["ttft_p99_ms": 21, "itl_p99_ms": 5]).step.holds)
    #expect(!summary(steady, bounds: ["ttft_p99_ms": 19]).step.holds)
    let broken = summary(steady, bounds: ["itl_p99_ms": 3])
    #expect(!broken.step.holds)
    let limits = LoadLimits(constraints: [
      Constraint(metric: "itl_p99_ms", maximum: 3, isHeldByStressTest: true)
    ])
    #expect(limits.breach(in: broken.step) == "itl_p99_ms was 4, above 3")
    #expect(abs((limits.pressure(of: broken.step) ?? 0) - 4.0 / 3) < 1e-9)
  }

  @Test func `a bound on what isn't known doesn't hold`() throws {
    let whole = recording(tokens: 0, first: { _ in 20 }, gap: { _ in 4 })
    let bounds: [Metric: Double] = ["ttft_p99_ms": 1e9]
    let step = summary(whole, bounds: bounds).step
    #expect(!step.holds)
    let limits = LoadLimits(constraints: [
      Constraint(metric: "ttft_p99_ms", maximum: 1e9, isHeldByStressTest: true)
    ])
    #expect(try #require(limits.breach(in: step)).contains("\"stream\": true"))
  }

  @Test func `a request that fails has no first token before its end`() throws {
    let failing = recording(
      first: { $0 % 10 == 9 ? 900 : 20 }, gap: { _ in 0 },
      result: { $0 % 10 == 9 ? .timedOut : .success })
    let step = summary(failing).step
    #expect(abs(try #require(step.latency("ttft_p50_ms")) - 20) < 1e-9)
    #expect(abs(try #require(step.latency("ttft_p99_ms")) - 900) < 1e-9)
  }

  @Test func `goodput is the share of requests within every bound`() throws {
    let mixed = recording(
      first: { $0 % 4 == 0 ? 200 : 20 }, gap: { $0 % 5 == 0 ? 50 : 4 },
      result: { $0 % 10 == 3 ? .statusNotOK : .success })
    let goodput = { (bounds: [Metric: Double]) in self.summary(mixed, bounds: bounds).step.goodput }
    // Not by four; neither that nor by five; and of those one in ten failed.
    let all = 0..<100
    let first = Double(all.count { $0 % 4 != 0 && $0 % 10 != 3 }) / 100
    let both = Double(all.count { $0 % 4 != 0 && $0 % 5 != 0 && $0 % 10 != 3 }) / 100
    #expect(abs(try #require(goodput(["ttft_p99_ms": 100])) - first) < 1e-9)
    #expect(abs(try #require(goodput(["ttft_p99_ms": 100, "itl_p99_ms": 10])) - both) < 1e-9)
    // Of two bounds on one kind of time the widest counts.
    #expect(goodput(["ttft_p99_ms": 100, "ttft_p50_ms": 30]) == goodput(["ttft_p99_ms": 100]))
    #expect(goodput([:]) == nil)
  }

  @Test func `plain answers have nothing of it`() {
    let requests = (0..<100).map { index in
      RequestRecord(
        intendedStart: Int64(index), actualStart: Int64(index), end: Int64(index) + 5_000_000,
        result: .success)
    }
    let step = summary(LoadRecording(requests: requests, wasCutShort: false, generatorCPU: .zero))
      .step
    #expect(step.generation == nil && step.goodput == nil)
  }

  @Test func `a step keeps it in JSON, and a compact result keeps the metrics`() async throws {
    var step = summary(recording(first: { _ in 20 }, gap: { _ in 4 })).step
    step.goodput = 0.75
    var result = StressResult(
      knowing: .measured(
        Measurement(values: ["ttft_p99_ms": 20, "goodput_fraction": 0.75], loadSteps: [step])))
    result.generation = summary(recording(first: { _ in 20 }, gap: { _ in 4 })).generation
    let read = try StressResult(json: try result.json())
    #expect(read == result)
    #expect(read.generation?.firstToken.p99.value == 20)
    let compact = try StressResult(compact: try result.compact())
    #expect(compact.outcome.measurement?["ttft_p99_ms"] == 20)
    #expect(compact.outcome.measurement?[.goodput] == 0.75)
  }
}
