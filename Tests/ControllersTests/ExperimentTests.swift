import Controllers
import Synchronization
import Testing
import Tuning

@Suite struct ExperimentTests {
  private static func experiment(parallelism: Int = 1, trialsMax: Int = 8) throws -> Experiment {
    let space = try SearchSpace([
      Parameter(name: "x", domain: try Domain(integers: 1...10, step: 1), target: .column),
      Parameter(name: "y", domain: try Domain(integers: 1...10, step: 1), target: .column),
    ])
    return Experiment(
      study: Study(
        name: "test", space: space,
        objective: Objective(.maximize, try Expression("throughput_rps")),
        limits: SearchLimits(
          trialsMax: trialsMax, regretTolerance: Share(1, of: 1_000),
          confidence: Share(90, of: 100)), seed: 3),
      baseline: space.configuration(at: 42), parallelism: parallelism)
  }

  /// A service whose best configuration is (7, 3).
  private static func outcome(_ configuration: Configuration) -> Outcome {
    let x = configuration["x"]?.magnitude ?? 0
    let y = configuration["y"]?.magnitude ?? 0
    if x > 9 { return .infeasible(Infeasibility(.outOfMemory, .starting, detail: "too much")) }
    return .measured(
      Measurement(values: [.throughput: 100 / (1 + (x - 7) * (x - 7) + (y - 3) * (y - 3))]))
  }

  private static let runner = TrialRunner { _, configuration, _, _ in outcome(configuration) }

  private static func loop(_ lines: Mutex<[JournalEntry]>.Box, _ runner: TrialRunner = runner)
    -> ExperimentLoop<ContinuousClock>
  {
    ExperimentLoop(
      runner: runner, record: { entry in lines.value.withLock { $0.append(entry) } },
      observe: { _ in }, clock: ContinuousClock())
  }

  @Test func `trial 0 is the baseline`() throws {
    let experiment = try Self.experiment()
    #expect(
      experiment.actions() == [.start(ordinal: 0, experiment.study.space.configuration(at: 42))])
  }

  @Test func `what was best in earlier searches is tried after the baseline, each once`() throws {
    func study(_ best: Int, in experiment: Experiment) -> Study {
      var study = experiment.study
      study.trials = [best, best + 1].enumerated().map { index, cell in
        Trial(
          ordinal: index, configuration: study.space.configuration(at: cell),
          outcome: .measured(Measurement(values: [.throughput: index == 0 ? 90 : 10])))
      }
      return study
    }
    let plain = try Self.experiment(parallelism: 4)
    let space = plain.study.space
    var foreign = try Self.experiment()
    foreign = Experiment(
      study: Study(
        name: "other",
        space: try SearchSpace([
          Parameter(name: "z", domain: try Domain(integers: 1...9, step: 1), target: .column)
        ]), objective: plain.study.objective, limits: plain.study.limits, seed: 3),
      baseline: nil, parallelism: 1)
    var experiment = Experiment(
      study: plain.study, baseline: plain.baseline, parallelism: 4,
      earlier: [
        study(7, in: plain), study(7, in: plain), study(55, in: plain), study(3, in: foreign),
      ])
    #expect(experiment.actions() == [.start(ordinal: 0, space.configuration(at: 42))])
    experiment = experiment.starting(0, space.configuration(at: 42))
      .finishing(0, Self.outcome(space.configuration(at: 42)), after: .zero)
    // The third is too long ago.
    #expect(experiment.actions() == [.start(ordinal: 1, space.configuration(at: 7))])
    experiment = experiment.starting(1, space.configuration(at: 7))
    #expect(!experiment.actions().contains(.start(ordinal: 2, space.configuration(at: 7))))
    #expect(!experiment.actions().isEmpty)
  }

  @Test func `no more trials run than may run side by side`() throws {
    var experiment = try Self.experiment(parallelism: 3)
    for action in experiment.actions() {
      if case .start(let ordinal, let configuration) = action {
        experiment = experiment.starting(ordinal, configuration)
      }
    }
    experiment = experiment.finishing(
      0, Self.outcome(experiment.study.trials[0].configuration), after: .seconds(1))
    let actions = experiment.actions()
    #expect(actions.count == 3)
    for action in actions {
      guard case .start(let ordinal, let configuration) = action else { continue }
      experiment = experiment.starting(ordinal, configuration)
    }
    #expect(experiment.actions().isEmpty)
    #expect(experiment.study.trials.map(\.ordinal) == [0, 1, 2, 3])
  }

  @Test func `the limit of trials ends the search once the last one has ended`() async throws {
    let lines = Mutex<[JournalEntry]>.Box()
    let (experiment, reason) = try await Self.loop(lines).run(Self.experiment())
    #expect(reason == .trialLimit)
    #expect(experiment.study.trials.count == 8)
    #expect(experiment.study.trials.allSatisfy { !$0.isPending })
  }

  @Test func `every finished trial is recorded before the next one starts`() async throws {
    let lines = Mutex<[JournalEntry]>.Box()
    _ = try await Self.loop(lines).run(Self.experiment())
    var running = 0
    for entry in lines.value.withLock({ $0 }) {
      switch entry {
      case .started: running += 1
      case .finished: running -= 1
      case .concluded, .noted: break
      }
      #expect(running == 0 || running == 1)
    }
  }

  @Test(arguments: 0..<17)
  func `interrupted anywhere and resumed, the search is the one it would have been`(
    entries: Int
  ) async throws {
    let whole = Mutex<[JournalEntry]>.Box()
    let (uninterrupted, _) = try await Self.loop(whole).run(Self.experiment())
    let kept = Array(whole.value.withLock { $0 }.prefix(entries))
    let coding = JournalCoding(try Self.experiment().study.space)
    let reread = try kept.enumerated().map { number, entry in
      try coding.entry(coding.line(entry), number: number + 1)
    }
    let resumed = try Self.experiment().replaying(reread)
    let rest = Mutex<[JournalEntry]>.Box()
    let (finished, _) = try await Self.loop(rest).run(resumed)
    #expect(
      finished.study.trials.map(\.configuration) == uninterrupted.study.trials.map(\.configuration))
    #expect(finished.study.trials.map(\.outcome) == uninterrupted.study.trials.map(\.outcome))
  }

  @Test func `a journal that was edited is refused`() throws {
    let experiment = try Self.experiment()
    let configuration = experiment.study.space.configuration(at: 0)
    #expect(throws: JournalError.outOfOrder(ordinal: 3, expected: 0)) {
      try experiment.replaying([.started(ordinal: 3, configuration)])
    }
    #expect(throws: JournalError.unknownTrial(ordinal: 0)) {
      try experiment.replaying([.finished(ordinal: 0, .pending, .zero)])
    }
    let coding = JournalCoding(experiment.study.space)
    #expect(throws: JournalError.self) { try coding.entry("{\"what\": 1}", number: 1) }
    #expect(
      throws: JournalError.malformed(
        line: 2, found: "z=1", needed: "a parameter of this experiment with a level of its kind")
    ) {
      try coding.entry(
        #"{"started":{"ordinal":0,"configuration":[{"name":"z","level":"1"}]}}"#, number: 2)
    }
  }

  @Test func `what can't be used is measured again, and not told`() async throws {
    let lines = Mutex<[JournalEntry]>.Box()
    let calls = Mutex(0)
    let runner = TrialRunner { _, configuration, _, _ in
      let call = calls.withLock { count in
        count += 1
        return count
      }
      guard call % 2 == 0 else {
        return .measured(Measurement(values: [.throughput: 1], verdict: .unusable(["too slow"])))
      }
      return Self.outcome(configuration)
    }
    let (experiment, _) = try await Self.loop(lines, runner).run(Self.experiment())
    #expect(experiment.study.trials.allSatisfy { $0.outcome.isUsable })
    #expect(calls.withLock { $0 } == 2 * experiment.study.trials.count)
  }

  @Test func `what never can be used ends as such`() async throws {
    let lines = Mutex<[JournalEntry]>.Box()
    let calls = Mutex(0)
    let runner = TrialRunner { _, _, _, _ in
      calls.withLock { $0 += 1 }
      return .measured(Measurement(values: [.throughput: 1], verdict: .unusable(["too slow"])))
    }
    let (experiment, _) = try await Self.loop(lines, runner).run(Self.experiment(trialsMax: 2))
    #expect(!experiment.study.trials.isEmpty)
    #expect(calls.withLock { $0 } == 3 * experiment.study.trials.count)
    #expect(experiment.study.incumbent == nil)
  }

  @Test func `later trials are told what they have to beat`() async throws {
    let lines = Mutex<[JournalEntry]>.Box()
    let told = Mutex<[Int: Double]>([:])
    let runner = TrialRunner { ordinal, configuration, rateToBeat, _ in
      told.withLock { $0[ordinal] = rateToBeat?.perSecond }
      return Self.outcome(configuration)
    }
    let (experiment, _) = try await Self.loop(lines, runner).run(Self.experiment())
    let rates = told.withLock { $0 }
    #expect(rates[0] == nil)
    var best = 0.0
    for trial in experiment.study.trials {
      if best > 0 {
        let rate = try #require(rates[trial.ordinal])
        #expect(abs(rate / (0.8 * best) - 1) < 1e-3)
      }
      best = max(best, trial.measurement?[.throughput] ?? 0)
    }
  }

  @Test func `a runner that can't go on ends the loop with its error`() async throws {
    struct Broken: Error {}
    let lines = Mutex<[JournalEntry]>.Box()
    let runner = TrialRunner { ordinal, configuration, _, _ in
      if ordinal == 2 { throw Broken() }
      return Self.outcome(configuration)
    }
    await #expect(throws: Broken.self) {
      try await Self.loop(lines, runner).run(Self.experiment())
    }
    #expect(lines.value.withLock { $0 }.count == 5)
  }
}

extension Mutex where Value: Sendable {
  /// A mutex that closures can share.
  final class Box: Sendable where Value == [JournalEntry] {
    let value = Mutex<[JournalEntry]>([])
  }
}
