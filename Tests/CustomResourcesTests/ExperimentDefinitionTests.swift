import CustomResources
import Foundation
import Kubernetes
import Testing
import Tuning

@Suite struct ExperimentDefinitionTests {
  @Test func `several objectives are read in their order`() throws {
    let text = (Fixtures.inference + "---\n" + Fixtures.experiment).replacing(
      "objective:\n    type: maximize\n    objectiveMetricName: throughput_rps / cost",
      with: """
        objectives:
            - {type: minimize, objectiveMetricName: cost}
            - {objectiveMetricName: throughput_rps}
            - {type: minimize, objectiveMetricName: p99}
        """)
    let (definition, diagnostics) = ExperimentDefinition.decode([Manifest(text, file: "s.yaml")])
    let study = try #require(definition, "\(diagnostics)").study(seed: 1)
    #expect(
      study.objectives.map(\.description) == [
        "minimize cost", "maximize throughput_rps", "minimize latency_p99_ms",
      ])
  }

  @Test func `an experiment beside its Inference decodes whole`() throws {
    let (decoded, diagnostics) = Fixtures.decode(Fixtures.service)
    #expect(diagnostics.description == "")
    let definition = try #require(decoded)
    #expect(definition.name == "embedder")
    #expect(definition.space.count == 4 * 3 * 3 * 4 * 2 * 3 * 2 * 3)
    #expect(definition.objective.description == "maximize throughput_rps / cost")
    #expect(
      definition.constraints == [
        Constraint(metric: .latencyP99, maximum: 100, isHeldByStressTest: true),
        Constraint(metric: .errorRate, maximum: 0.001, isHeldByStressTest: true),
        Constraint(metric: .memory, maximum: 2, isHeldByStressTest: false),
      ])
    #expect(definition.limits.trialsMax == 30)
    #expect(definition.limits.regretTolerance == Share(0.05))
    #expect(definition.parallelism == 2)
    #expect(definition.progressDeadline == .seconds(90))
    #expect(definition.derivedText == nil)
  }

  @Test func `the stress test decodes`() throws {
    let test = try #require(Fixtures.decode(Fixtures.service).definition?.stressTest)
    #expect(test.port == 8090)
    #expect(test.path == "/infer")
    #expect(test.method == "POST")
    #expect(test.headers == [.init(name: "Content-Type", value: "application/json")])
    #expect(test.body == .bytes(Array(#"{"text": "hello"}"#.utf8)))
    #expect(test.expectedText == "embedding")
    #expect(test.arrival == .constant)
    #expect(test.warmUp == .milliseconds(1500))
    #expect(test.stepDuration == .seconds(3))
    #expect(test.rateMin == Rate(perSecond: 2))
    #expect(test.rateMax == nil)
    #expect(test.timeout == .seconds(5))
  }

  @Test func `levels keep the spelling of their author`() throws {
    let space = try #require(Fixtures.decode(Fixtures.service).definition?.space)
    func texts(_ name: ParameterName) -> [String]? { space[name]?.domain.levels.map(\.text) }
    #expect(texts("cpu") == ["500m", "1", "1500m", "2"])
    #expect(texts("memory") == ["512Mi", "1024Mi", "2Gi"])
    #expect(texts("INSTANCES") == ["1", "2", "3", "4"])
    #expect(space["--threads"]?.domain.scale == .logarithmic)
    #expect(space["MODE"]?.domain.kind == .choices)
    #expect(space["memory"]?.effect == .supply)
    #expect(space["batchSize"]?.effect == .demand)
    #expect(space["cpu"]?.effect == .unknown)
    #expect(space["batchSize"]?.target == .batching(environment: "BATCH_SIZE"))
  }

  @Test func `the baseline is what the container sets`() throws {
    let baseline = try #require(Fixtures.decode(Fixtures.service).definition?.baseline)
    #expect(
      baseline.description == "cpu=1 memory=1Gi aliyun.com/gpu-mem=8Gi INSTANCES=1 --threads=2 "
        + "--queue=100 batchSize=8")
  }

  @Test func `the cost is per base unit`() throws {
    let definition = try #require(Fixtures.decode(Fixtures.service).definition)
    let price = try #require(definition.cost?.perHour(of: definition.baseline))
    #expect(abs(price - (0.1 + 0.04 + 0.005)) < 1e-12)
  }

  @Test func `an upstream experiment decodes unchanged`() throws {
    let (decoded, diagnostics) = Fixtures.decode(Fixtures.upstream)
    #expect(diagnostics.errors.isEmpty)
    let definition = try #require(decoded)
    #expect(definition.space.count == 4 * 2 * 6 * 2 * 2)
    #expect(definition.objective.description == "maximize throughput_rps")
    let levels = definition.space["GPU_MEM"]?.domain.levels.map(\.text)
    #expect(levels == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"])
    #expect(definition.space["DTYPE"]?.domain.kind == .choices)
    #expect(definition.space["BATCH_SIZE"]?.domain.kind == .integers)
    #expect(definition.baseline.description == "cpu=2 memory=900Mi")
    #expect(definition.limits.trialsMax == 38)
    #expect(definition.stressTest.port == 8501)
    #expect(definition.metadata.namespace == "serving-tests")
    try expectGolden(diagnostics.description + "\n", "upstream-warnings.txt")
  }

  @Test func `the command line wins`() throws {
    let overrides = Overrides(
      bounds: [try .init("p99=50ms"), try .init("p95=20ms")], budget: try Budget("5%"),
      parallelism: 4, objective: try Overrides.objective("minimize latency_p50_ms"))
    let definition = try #require(Fixtures.decode(Fixtures.service, overrides).definition)
    #expect(definition.constraints.map(\.description).prefix(1) == ["latency_p99_ms ≤ 50"])
    #expect(definition.constraints.last?.description == "latency_p95_ms ≤ 20")
    #expect(definition.limits.trialsMax == 259)
    #expect(definition.parallelism == 4)
    #expect(definition.objective.description == "minimize latency_p50_ms")
  }

  @Test(arguments: [
    ("0.2", 100, 20), ("20%", 100, 20), ("29%", 100, 29), ("30", 100, 30), ("1", 100, 2),
    ("10%", 5, 2),
  ])
  func `a budget is a number or a share`(text: String, count: Int, trials: Int) throws {
    switch try Budget(text) {
    case .share(let share): #expect(Budget.trials(share, of: count) == trials)
    case .trials(let number): #expect(max(number, Budget.trialsMin) == trials)
    }
  }

  @Test func `without an objective it is throughput, per cost where there are prices`() throws {
    let start = try #require(Fixtures.service.range(of: "  objective:\n"))
    let end = try #require(Fixtures.service.range(of: "  constraints:\n"))
    var text = Fixtures.service
    text.removeSubrange(start.lowerBound..<end.lowerBound)
    #expect(
      Fixtures.decode(text).definition?.objective.description == "maximize throughput_rps / cost")
    let costStart = try #require(text.range(of: "  cost:\n"))
    let costEnd = try #require(text.range(of: "  maxNumTrials"))
    text.removeSubrange(costStart.lowerBound..<costEnd.lowerBound)
    #expect(Fixtures.decode(text).definition?.objective.description == "maximize throughput_rps")
  }

  @Test func `JSON, anchors and merges are read like plain YAML`() throws {
    let text = Fixtures.service.replacing(
      "list: [4Gi, 8Gi, 16Gi]", with: "list: &sizes [4Gi, 8Gi, 16Gi]"
    )
    .replacing("list: [\"512Mi\", \"1024Mi\", \"2Gi\"]", with: "<<: {list: [512Mi, 1Gi]}")
    let definition = try #require(Fixtures.decode(text).definition)
    #expect(definition.space["memory"]?.domain.levels.map(\.text) == ["512Mi", "1Gi"])
    let manifest = Manifest(Fixtures.service, file: "service.yaml")
    let json = manifest.documents.map { JSONText.encode($0.value, indentation: 2) }
    let (fromJSON, _) = Fixtures.decode(json.joined(separator: "\n---\n"))
    #expect(fromJSON == Fixtures.decode(Fixtures.service).definition)
  }
}
