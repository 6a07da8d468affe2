import Foundation
import QueueSimulation
import StressTest
import Testing
import Tuning

@Suite struct GivenLoadTests {
  private func rate(_ number: Double) -> Rate { Rate(perSecond: number) }

  @Test(arguments: ArrivalSchedule.allCases)
  func `a ramp has as many requests in each part as the shape says`(arrival: ArrivalSchedule) {
    let shape = LoadShape([.init(from: rate(0), to: rate(400), duration: .seconds(40))])
    let starts = arrival.intendedStarts(shape: shape, seed: 5)
    #expect(starts.count == 8_000)
    #expect(starts == starts.sorted())
    for (part, bounds) in shape.parts.enumerated() {
      let count = starts.count { bounds.contains(Double($0) * 1e-9) }
      // Rates of 20, 60, 100, … over four seconds each; five standard deviations of a Poisson count.
      let expected = 4.0 * (20 + 40 * Double(part))
      let slack = arrival == .constant ? 1.5 : 5 * expected.squareRoot()
      #expect(abs(Double(count) - expected) <= slack, "part \(part)")
    }
  }

  @Test func `steps change at once, and one step is a constant rate`() {
    let shape = LoadShape.steps([rate(10), rate(100)], each: .seconds(2))
    let starts = ArrivalSchedule.constant.intendedStarts(shape: shape, seed: 0)
    #expect(starts.count { $0 < 2_000_000_000 } == 20)
    #expect(starts.count == 220)
    #expect(shape.parts == [0..<2, 2..<4])
    for arrival in ArrivalSchedule.allCases {
      #expect(
        arrival.intendedStarts(shape: .steps([rate(50)], each: .seconds(3)), seed: 8)
          == arrival.intendedStarts(rate: rate(50), duration: .seconds(3), seed: 8))
    }
  }

  @Test func `a falling ramp ends within its duration`() {
    let shape = LoadShape([.init(from: rate(300), to: rate(0), duration: .seconds(2))])
    let starts = ArrivalSchedule.constant.intendedStarts(shape: shape, seed: 0)
    #expect(starts.count == 300)
    #expect(starts.allSatisfy { (0...2_000_000_000).contains($0) })
  }

  @Test func `recorded arrivals keep their distances`() throws {
    let text = "time,path\n# a comment\n\n1700000000.5,/a\n1700000000.25,/b\n1700000002.25,/c\n"
    let arrivals = try RecordedArrivals(text: text)
    #expect(arrivals.starts == [0, 250_000_000, 2_000_000_000])
    #expect(arrivals.duration == .seconds(3))
    let faster = try RecordedArrivals(text: text, speed: 2)
    #expect(faster.starts == [0, 125_000_000, 1_000_000_000])
  }

  @Test(
    arguments: [
      ("", "no arrival time"), ("a,b\n", "no arrival time"), ("1\nsoon\n", "line 2: \"soon\""),
      ("1\nnan\n", "line 2"), ("0\n90000\n", "at most a day"),
    ])
  func `wrong records are placed`(text: String, message: String) {
    #expect {
      try RecordedArrivals(text: text)
    } throws: { "\($0)".contains(message) }
  }

  @Test func `a job with another load survives the trip to JSON and back`() throws {
    let loads: [GivenLoad] = [
      .users(64, .seconds(5)),
      .shape(LoadShape([.init(from: rate(5), to: rate(50), duration: .seconds(8))])),
      .shape(.steps([rate(1), rate(2), rate(4)], each: .seconds(3))),
      .recorded(RecordedArrivals(starts: [0, 5_000_000, 2_000_000_000])),
    ]
    for load in loads {
      var plan = StressPlan(constraints: [])
      plan.aim = .given(load)
      var target = HTTPTarget(url: "https://127.0.0.1/")
      target.content = .template(try BodyTemplate("{{number}} {{choice a|b}}"))
      target.version = .http2
      target.security = SecureFiles(authorities: "ca", certificate: "cert", key: "key")
      target.bearer = .variable("TOKEN")
      let job = StressJob(target: target, plan: plan)
      #expect(try StressJob(json: job.json()) == job)
    }
  }

  @Test(
    arguments: [
      (#""concurrency": 0"#, "concurrency: 0"), (#""steps_rps": []"#, "steps_rps: empty"),
      (#""ramp_rps": [1]"#, "ramp_rps: two rates"), (#""steps_rps": [-1]"#, "steps_rps: rates"),
      (#""concurrency": 2, "rate_rps": 3"#, "beside another load"),
      (#""concurrency": 2, "ramp_rps": [1, 2]"#, "of several loads"),
      (#""ramp_rps": [1000000, 1000000], "duration_seconds": 60"#, "too many requests"),
    ])
  func `wrong loads in a plan are placed`(plan: String, message: String) {
    #expect {
      try StressJob(json: #"{"target": {"url": "http://127.0.0.1/"}, "plan": {\#(plan)}}"#)
    } throws: { "\($0)".contains(message) }
  }

  @Test func `a simulated ramp breaks where the server does`() async throws {
    let time = VirtualTime()
    var simulated = SimulatedCandidate()
    simulated.server = SimulatedServer(serviceSeconds: 0.01)
    var plan = StressPlan(
      constraints: [Constraint(metric: .latencyP99, maximum: 100, isHeldByStressTest: true)])
    plan.aim = .given(
      .shape(LoadShape([.init(from: rate(20), to: rate(180), duration: .seconds(80))])))
    let task = Task(executorPreference: time) { [simulated, plan] in
      try await CandidateTest.examine(
        candidate: simulated.candidate(on: time), plan: plan, clock: time)
    }
    let result = try await task.value
    guard case .infeasible(let why) = result.outcome else {
      Issue.record("it held")
      return
    }
    #expect(why.reason == .constraintBroken)
    // One worker of 10 ms can do 100 a second; p99 of M/D/1 passes 100 ms before that.
    let broken = try #require(result.steps.firstIndex { !$0.holds })
    #expect((60...130).contains(result.steps[broken].offeredRate))
    #expect(result.steps[..<broken].allSatisfy { $0.latencies.p99 <= 100 })
  }
}
