import CustomResources
import Kubernetes
import Testing
import Tuning

@Suite struct ExperimentStatusTests {
  private let time = ClusterFixtures.time
  private let object = ClusterFixtures.experiment

  @Test func `a recommendation is written as people and tools read it`() throws {
    let json = try status(.recommended(recommendation())).json
    try expectGolden(YAMLText.encode(json), "experiment-status.yaml")
  }

  @Test func `the owner's bounds hold, and what they cut can be seen`() throws {
    let bounds = ResourceBounds(
      least: ["memory": try Quantity("1Gi")],
      most: ["cpu": try Quantity("750m"), "aliyun.com/gpu-mem": try Quantity("6")])
    let status = try recommendation(bounds)
    #expect(status.json["target"] == ["cpu": "750m", "memory": "1Gi", "aliyun.com/gpu-mem": "6"])
    #expect(
      status.json["uncappedTarget"]
        == ["cpu": "1", "memory": "512Mi", "aliyun.com/gpu-mem": "8"])
    let definition = try ClusterFixtures.definition()
    let written = try definition.writer?.container(with: status.configuration)
    #expect(written?.limit("cpu") == "750m")
    #expect(written?.limit("aliyun.com/gpu-mem") == "6")
  }

  @Test func `the bounds of a resource span the trials that are about as good`() throws {
    let json = try recommendation().json
    #expect(json["lowerBound"]?["memory"] == "512Mi")
    #expect(json["upperBound"]?["memory"] == "1024Mi")
    #expect(json["upperBound"]?["cpu"] == "1")
  }

  @Test func `each stage sets the standard conditions`() throws {
    let problem = Problem(.error, at: "x: spec.cost", found: "\"a\"", needed: "a number")
    let stages: [(ExperimentStage, [Condition.Status], String)] = [
      (.invalid(Diagnostics([problem])), [.no, .yes, .no], "Invalid"),
      (.waiting(reason: "QuotaUsed", message: "2 of 2"), [.no, .no, .no], "QuotaUsed"),
      (.running, [.yes, .no, .no], "Searching"),
      (.recommended(try recommendation()), [.no, .no, .yes], "Recommended"),
      (
        .infeasible(NearestMiss(trialOrdinal: 1, configuration: nil, toRelax: ["p99 by 3 ms."])),
        [.no, .yes, .no], "NothingFeasible"
      ),
    ]
    for (stage, statuses, reason) in stages {
      let conditions = try status(stage).conditions
      let types = ["Progressing", "Degraded", "Ready"]
      #expect(types.map { conditions[$0]?.status } == statuses, "\(reason)")
      #expect(conditions["Ready"]?.reason == reason)
      #expect(conditions.allSatisfy { $0.observedGeneration == 3 })
    }
    let invalid = try status(stages[0].0).conditions["Ready"]
    #expect(invalid?.message == "x: spec.cost: \"a\"; a number")
  }

  @Test func `a condition keeps its time until its status changes`() throws {
    var object = object
    object.json = try applying(status(.running), to: object)
    let later = try status(.running, of: object, at: time + .seconds(10))
    #expect(later.conditions["Progressing"]?.lastTransitionTime == time)
    #expect(later.patch(of: object) == nil)
    let over = try status(.recommended(recommendation()), of: object, at: time + .seconds(20))
    #expect(over.conditions["Progressing"]?.lastTransitionTime == time + .seconds(20))
    #expect(over.startTime == time && over.completionTime == time + .seconds(20))
  }

  @Test func `other conditions stay, but not what became of an earlier recommendation`() throws {
    var object = object
    for (generation, isLeft) in [(object.generation, true), (object.generation - 1, false)] {
      object.conditions = ["Noted", "Applied"].map {
        Condition(
          $0, .yes, reason: "Said", message: "", observedGeneration: generation, at: time)
      }
      let conditions = try status(.running, of: object).conditions
      #expect(conditions["Noted"]?.status == .yes)
      #expect((conditions["Applied"] != nil) == isLeft)
    }
  }

  @Test func `a new search leaves nothing of the old recommendation`() throws {
    var object = object
    object.json = try applying(status(.recommended(recommendation())), to: object)
    let again = try status(.running, of: object, at: time + .seconds(5))
    object.json = try applying(again, to: object)
    #expect(object.status?["recommendation"] == nil)
    #expect(object.status?["completionTime"] == nil)
  }

  @Test func `trouble shows while the search goes on`() throws {
    let status = ExperimentStatus(
      of: object, .running, study: try study(),
      trouble: .init(reason: "ImagePull", message: "no such image"), at: time)
    #expect(status.conditions["Degraded"]?.reason == "ImagePull")
    #expect(status.conditions["Progressing"]?.status == .yes)
  }

  // MARK: Fixtures

  private func applying(
    _ status: ExperimentStatus, to object: KubernetesObject
  ) throws -> JSONValue {
    MergePatch.apply(try #require(status.patch(of: object)), to: object.json)
  }

  private func status(
    _ stage: ExperimentStage, of object: KubernetesObject? = nil,
    at now: Timestamp = ClusterFixtures.time
  ) throws -> ExperimentStatus {
    ExperimentStatus(of: object ?? self.object, stage, study: try study(), running: 1, at: now)
  }

  private func configuration(memory: String = "512Mi", cpu: String = "1") throws -> Configuration {
    let space = try ClusterFixtures.definition().space
    let levels = [
      "cpu": cpu, "memory": memory, "aliyun.com/gpu-mem": "8Gi", "INSTANCES": "2",
      "MODE": "fast", "--threads": "4", "--queue": "100", "batchSize": "8",
    ]
    return Configuration(
      space.parameters.compactMap { parameter in
        levels[parameter.name.text].flatMap { parameter.domain.level(reading: $0) }
          .map { .init(name: parameter.name, level: $0) }
      })
  }

  private func study() throws -> Study {
    var study = try ClusterFixtures.definition().study(seed: 1)
    study.trials = [
      Trial(
        ordinal: 0, configuration: try configuration(memory: "2Gi", cpu: "2"),
        outcome: .measured(ClusterFixtures.measurement(60))),
      Trial(
        ordinal: 1, configuration: try configuration(),
        outcome: .measured(ClusterFixtures.measurement(120))),
      Trial(
        ordinal: 2, configuration: try configuration(memory: "1024Mi"),
        outcome: .measured(ClusterFixtures.measurement(119))),
      Trial(
        ordinal: 3, configuration: try configuration(cpu: "500m"),
        outcome: .infeasible(Infeasibility(.exited, .starting, detail: "exit status 1"))),
      Trial(ordinal: 4, configuration: try configuration(cpu: "1500m")),
    ]
    return study
  }

  private func recommendation(
    _ allowed: ResourceBounds = ResourceBounds()
  ) throws -> RecommendationStatus {
    let recommendation = Recommendation(
      configuration: try configuration(), trialOrdinal: 1,
      expected: [.throughput: 118, .latencyP99: 42.5, .cost: 0.1425, .objective: 828.07],
      intervals: [.throughput: Interval(lower: 110, upper: 126.5)],
      regretBound: Share(25, of: 1_000), reason: "the best that was measured")
    return RecommendationStatus(
      recommendation, definition: try ClusterFixtures.definition(), study: try study(),
      sampling: Sampling(visited: 5, pruned: 12, total: 1_728), stopReason: .certainEnough,
      allowed: allowed)
  }
}
