import BayesianOptimization
import Testing
import Tuning

/// What is expected of accelerators by their names.
@Suite struct AcceleratorTests {
  private static let cards = ["T4", "NVIDIA-A10", "A100-SXM4-80GB", "unheard-of"]

  private static func study(
    _ cards: [String] = cards, slower latencies: [String: Double] = [:]
  ) throws -> Study {
    let space = try SearchSpace([
      Parameter(
        name: "card", domain: try Domain(choices: cards), target: .column, role: .accelerator),
      Parameter(name: "x", domain: try Domain(integers: 1...4, step: 1), target: .column),
    ])
    var study = try Study(ofThroughputIn: space, latencyMax: 100, trialsMax: 16)
    for (card, latency) in latencies.sorted(by: { $0.key < $1.key }) {
      study.trials.append(
        Trial(
          ordinal: study.trials.count,
          configuration: Configuration([
            .init(name: "card", level: .choice(card)), .init(name: "x", level: .integer(2)),
          ]),
          outcome: .measured(
            Measurement(values: [.throughput: 10_000 / latency, .latencyP99: latency]))))
    }
    return study
  }

  private static func nextCard(_ study: Study) throws -> String {
    try #require(StudyModel(study).proposals(1).first?["card"]?.text)
  }

  @Test func `the first trial is on a fast one, but not on the fastest of all`() throws {
    #expect(try Self.nextCard(Self.study()) == "unheard-of")
    #expect(try Self.nextCard(Self.study(["T4", "V100", "H200"])) == "V100")
  }

  @Test func `where slow ones were too slow, a faster one is next`() throws {
    let next = try Self.nextCard(Self.study(slower: ["T4": 260, "NVIDIA-A10": 180]))
    #expect(next == "A100-SXM4-80GB")
  }

  @Test func `names are believed less than measurements`() throws {
    let next = try Self.nextCard(
      Self.study(slower: ["T4": 80, "NVIDIA-A10": 160, "A100-SXM4-80GB": 240]))
    #expect(
      next == "T4", "here the card that should be slowest is the only one that is fast enough")
  }

  @Test(arguments: [
    ("T4", 320.0), ("NVIDIA-A100-SXM4-80GB", 1_935), ("nvidia-tesla-v100", 900), ("l40s", 864),
  ])
  func `an accelerator is known by its name within a text`(text: String, gigabytes: Double) throws {
    let accelerator = try #require(Accelerator(namedIn: text))
    #expect(accelerator.memoryBandwidth == ByteRate(perSecond: gigabytes * 1e9))
  }

  @Test(arguments: ["", "A1000", "T400", "MI300X", "fp16", "cuda-12.4"])
  func `others aren't taken for one`(text: String) {
    #expect(Accelerator(namedIn: text) == nil)
  }
}
