import CustomResources
import Testing
import Tuning

@Suite struct DerivedExperimentTests {
  @Test func `an Inference alone gets an experiment`() throws {
    let (decoded, diagnostics) = Fixtures.decode(Fixtures.inference)
    #expect(diagnostics.problems.map(\.location) == ["derived experiment: spec.stressTest"])
    let definition = try #require(decoded)
    try expectGolden(try #require(definition.derivedText), "derived.yaml")
    #expect(definition.space.index(of: definition.baseline) != nil)
  }

  static let inferences = [
    Fixtures.inference,
    Fixtures.inference.replacing("framework: Triton", with: "framework: Other"),
    Fixtures.inference.replacing("aliyun.com/gpu-mem: 8", with: "nvidia.com/gpumem: 4096"),
    Fixtures.inference.replacing("cpu: \"1\"", with: "cpu: 6"),
    Fixtures.inference.replacing("memory: 1Gi", with: "memory: 20000Mi"),
    Fixtures.inference.replacing("memory: 1Gi", with: "nvidia.com/gpu: 1"),
  ]

  @Test(arguments: inferences.indices)
  func `what is printed decodes to the same definition`(index: Int) throws {
    let inference = Self.inferences[index]
    let derived = try #require(Fixtures.decode(inference).definition)
    let text = try #require(derived.derivedText)
    let (decoded, diagnostics) = Fixtures.decode(inference + "---\n" + text)
    #expect(diagnostics.description == "")
    let printed = try #require(decoded)
    #expect(printed.study(seed: 0).space == derived.space)
    #expect(printed.objective == derived.objective)
    #expect(printed.constraints == derived.constraints)
    #expect(printed.cost == derived.cost)
    #expect(printed.limits == derived.limits)
    #expect(printed.stressTest == derived.stressTest)
    #expect(printed.target == derived.target)
    #expect(printed.baseline == derived.baseline)
  }
}
