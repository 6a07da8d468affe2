import CustomResources
import Kubernetes
import Testing
import Tuning

/// What `morphling status` says of an experiment.
@Suite struct ExperimentOverviewTests {
  private let created = Timestamp(seconds: 1_700_000_000)

  @Test func `a running experiment with its trials`() throws {
    let overview = try running()
    try expectGolden(Self.text(overview, at: created + .seconds(750)), "status-running.txt")
    try expectGolden(
      JSONText.encode(overview.json, indentation: 2) + "\n", "status-running.json")
    #expect(!overview.isOver)
  }

  @Test func `one that no daemon has seen says so`() {
    var object = ClusterFixtures.experiment
    object.setMetadata("creationTimestamp", .string("\(created)"))
    let overview = ExperimentOverview(object, spaceCount: 10)
    let cells = overview.cells(at: created + .seconds(5))
    #expect(cells.count == ExperimentOverview.header.count)
    #expect(cells == ["shop", "embedder", "Pending", "", "0 %", "", "NotSeen", "5s", ""])
    let why = overview.details(at: created).first { $0.label == "Why" }?.text
    #expect(why == "no daemon has seen it yet")
  }

  @Test func `what is wrong comes first, and an end that was asked for`() throws {
    let problem = Problem(.error, at: "spec.cost", found: "\"a\"", needed: "a number")
    let invalid = try overview(.invalid(Diagnostics([problem])))
    #expect(invalid.cells(at: created)[6] == "Invalid")
    #expect(
      invalid.details(at: created).first { $0.label == "Why" }?.text.contains("spec.cost") == true)
    #expect(invalid.isOver)
    let waiting = try overview(.waiting(reason: "ImageUnknown", message: "no image"))
    #expect(waiting.cells(at: created)[6] == "ImageUnknown")
    let ending = try overview(.running) { $0.annotations[ClusterNames.cancel] = "now" }
    #expect(ending.cells(at: created)[6] == "Canceling")
  }

  @Test func `what would have to be relaxed is told`() throws {
    let miss = NearestMiss(trialOrdinal: 1, configuration: nil, toRelax: ["p99 by 3 ms."])
    let overview = try overview(.infeasible(miss))
    #expect(
      overview.details(at: created).contains { $0.label == "To relax" && $0.text == "p99 by 3 ms." }
    )
    #expect(overview.json["toRelax"] == ["p99 by 3 ms."])
  }

  @Test(arguments: [(0, "0s"), (119, "119s"), (120, "2m"), (7_200, "2h"), (172_800, "2d")])
  func `ages are short`(seconds: Int, text: String) throws {
    let cells = try running().cells(at: created + .seconds(seconds))
    #expect(cells[7] == text)
  }

  // MARK: -

  private func overview(
    _ stage: ExperimentStage, change: (inout KubernetesObject) -> Void = { _ in }
  ) throws -> ExperimentOverview {
    var object = ClusterFixtures.experiment
    object.setMetadata("creationTimestamp", .string("\(created)"))
    let study = try ClusterFixtures.definition().study(seed: 1)
    object.status = ExperimentStatus(of: object, stage, study: study, at: created).json
    change(&object)
    return ExperimentOverview(object, spaceCount: study.space.count)
  }

  private func running() throws -> ExperimentOverview {
    let definition = try ClusterFixtures.definition()
    var study = definition.study(seed: 1)
    let other = study.space.configuration(at: 40)
    let outcomes: [Outcome] = [
      .measured(ClusterFixtures.measurement(120)),
      .infeasible(Infeasibility(.outOfMemory, .starting, detail: "the kernel killed it")), .pending,
    ]
    var experiment = ClusterFixtures.experiment
    experiment.setMetadata("creationTimestamp", .string("\(created)"))
    experiment.annotations = [ClusterNames.mode: "Propose"]
    var trials: [KubernetesObject] = []
    for (ordinal, outcome) in outcomes.enumerated() {
      let configuration = ordinal == 0 ? definition.baseline : other
      var trial = TrialObject.make(
        of: experiment, ordinal: ordinal, configuration: configuration,
        parameters: definition.space.parameters, attempt: ordinal == 2 ? 1 : 0)
      trial.status =
        TrialStatus(
          of: trial, outcome: outcome, phase: .running, detail: "the stress test runs",
          study: study,
          configuration: configuration, at: created
        ).json
      trials.append(trial)
      study.trials.append(
        Trial(ordinal: ordinal, configuration: configuration, outcome: outcome))
    }
    experiment.status =
      ExperimentStatus(
        of: experiment, .running, study: study, running: 1, at: created + .seconds(10)
      ).json
    return ExperimentOverview(experiment, trials: trials.reversed(), spaceCount: study.space.count)
  }

  /// Everything that is printed, without its alignment.
  private static func text(_ overview: ExperimentOverview, at now: Timestamp) -> String {
    let rows =
      [ExperimentOverview.header, overview.cells(at: now)]
      + overview.details(at: now).map { [$0.label, $0.text] }
      + [ExperimentOverview.conditionHeader] + overview.conditionRows
      + [ExperimentOverview.trialHeader] + overview.trialRows
    return rows.map { $0.joined(separator: " | ") + "\n" }.joined()
  }
}
