import CustomResources
import Kubernetes
import Testing
import Tuning

@Suite struct TrialObjectTests {
  private let experiment = ClusterFixtures.experiment
  private let time = ClusterFixtures.time

  @Test func `a trial is owned by its experiment and found by its label`() throws {
    let object = try make(ordinal: 7)
    #expect(object.name == "embedder-7" && object.namespace == "shop")
    #expect(object.isOwned(by: experiment))
    #expect(object.controller?.kind == "ProfilingExperiment")
    #expect(ClusterNames.trials(of: "embedder").matches(object.labels))
  }

  @Test func `every configuration comes back as it was written`() throws {
    let space = try ClusterFixtures.definition().space
    for index in stride(from: 0, to: space.count, by: 97) {
      let configuration = space.configuration(at: index)
      let object = TrialObject.make(
        of: experiment, ordinal: index, configuration: configuration,
        parameters: space.parameters, attempt: 2)
      let trial = try TrialObject(object, space: space)
      #expect(trial.configuration == configuration)
      #expect(trial.configuration.description == configuration.description)
      #expect(trial.ordinal == index && trial.attempt == 2)
      #expect(trial.outcome == .pending)
    }
  }

  @Test(arguments: [
    Outcome.measured(ClusterFixtures.measurement(120)),
    .measured(
      Measurement(
        values: [.throughput: 0.1 + 0.2], intervals: [:],
        loadSteps: [
          LoadStep(
            offeredRate: Rate(perSecond: 10), achievedRate: Rate(perSecond: 9.75),
            duration: .seconds(3), requests: 30, errors: ["status 503": 1],
            latencies: .init(mean: 1, p50: 1, p90: 2, p95: 3, p99: 4, max: 5),
            latencyP99Interval: Interval(lower: 3, upper: 5), scheduleLagP99: .zero, holds: true)
        ], verdict: .doubtful(["the generator was late"]))),
    .infeasible(
      Infeasibility(
        .outOfMemory, .loaded, detail: "killed at 512Mi", lastLogLines: ["a \"quote\"", "ü"],
        measurement: ClusterFixtures.measurement(3))),
  ])
  func `an outcome comes back from the status as it was`(outcome: Outcome) throws {
    let definition = try ClusterFixtures.definition()
    var object = try make(ordinal: 1)
    let patch = try #require(try status(object, outcome).patch(of: object))
    object.json = MergePatch.apply(patch, to: object.json)
    let read = try TrialObject(object, space: definition.space)
    #expect(read.outcome == outcome)
    #expect(read.completionTime == time)
  }

  @Test func `a status that says the same again changes nothing`() throws {
    var object = try make(ordinal: 1)
    let outcome = Outcome.measured(ClusterFixtures.measurement(120))
    let patch = try #require(try status(object, outcome).patch(of: object))
    object.json = MergePatch.apply(patch, to: object.json)
    #expect(try status(object, outcome, at: time + .seconds(60)).patch(of: object) == nil)
  }

  @Test func `a started trial keeps its start and its duration`() throws {
    var object = try make(ordinal: 1)
    let begun = try #require(try status(object, .pending, .running).patch(of: object))
    object.json = MergePatch.apply(begun, to: object.json)
    let end = time + .seconds(90)
    let ended = try status(object, .measured(ClusterFixtures.measurement(1)), at: end)
    object.json = MergePatch.apply(try #require(ended.patch(of: object)), to: object.json)
    let trial = try TrialObject(object, space: ClusterFixtures.definition().space).trial
    #expect(trial.duration == .seconds(90))
    #expect(object.conditions["Ready"]?.status == .yes)
    #expect(object.conditions["Progressing"]?.status == .no)
  }

  @Test func `what failed says why in a word and in a sentence`() throws {
    let object = try make(ordinal: 1)
    let why = Infeasibility(.outOfMemory, .starting, detail: "killed at 512Mi")
    let json = try status(object, .infeasible(why)).json
    #expect(json["phase"] == "Infeasible")
    #expect(json["reason"] == "out of memory")
    let ready = json["conditions"]?.array?.compactMap(Condition.init)["Ready"]
    #expect(ready?.reason == "OutOfMemory")
    #expect(ready?.message == "out of memory while starting: killed at 512Mi")
  }

  @Test func `an object that is no trial of the experiment says what is wrong`() throws {
    let space = try ClusterFixtures.definition().space
    var object = try make(ordinal: 1)
    object.set(
      [["name": "gpu", "value": "2", "category": "resource"]], at: ["spec", "samplingResult"])
    #expect(
      throws: TrialObjectError.unknownLevel(
        trial: "shop/embedder-1", parameter: "gpu", level: "2")
    ) { try TrialObject(object, space: space) }
    object.set(nil, at: ["spec", "ordinal"])
    #expect(throws: TrialObjectError.noOrdinal(trial: "shop/embedder-1")) {
      try TrialObject(object, space: space)
    }
    var other = try make(ordinal: 2)
    other.status = ["outcome": ["measured": 3]]
    #expect(throws: TrialObjectError.noOutcome(trial: "shop/embedder-2")) {
      try TrialObject(other, space: space)
    }
  }

  // MARK: Names

  @Test(arguments: [
    ("shop-main", "shop-main"), ("Shop.v2", "shop-v2-36a6b4c6"), ("9lives", "m9lives-"),
    ("ends-", "ends-"),
  ])
  func `a name that can't be a label is mended`(name: String, prefix: String) {
    let bounded = ClusterNames.bounded(name)
    #expect(bounded.hasPrefix(prefix.prefix(7)), "\(bounded)")
    #expect(bounded.last != "-")
    #expect(ClusterNames.bounded(bounded) == bounded)
  }

  @Test func `long names stay apart`() {
    let long = String(repeating: "a", count: 80)
    let names = (0..<50).map { ClusterNames.stressJob(of: "\(long)-\($0)") }
    #expect(Set(names).count == 50)
    #expect(names.allSatisfy { $0.utf8.count <= 63 })
  }

  private func make(ordinal: Int) throws -> KubernetesObject {
    let space = try ClusterFixtures.definition().space
    return TrialObject.make(
      of: experiment, ordinal: ordinal, configuration: space.configuration(at: 5),
      parameters: space.parameters)
  }

  private func status(
    _ object: KubernetesObject, _ outcome: Outcome, _ phase: TrialPhase = .pending,
    at now: Timestamp = ClusterFixtures.time
  ) throws -> TrialStatus {
    let definition = try ClusterFixtures.definition()
    return TrialStatus(
      of: object, outcome: outcome, phase: phase, study: definition.study(seed: 1),
      configuration: definition.space.configuration(at: 5), at: now)
  }
}
