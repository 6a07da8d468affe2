import Foundation
import Tuning

/// A made-up service of 720 configurations: 5 numbers of cores, 6 of GPU memory, 8 of batches, 3 types
/// of GPU, in the shape of the ones that the Morphling paper tuned (L. Wang et al., SoCC 2021).
///
/// Its constants follow from its name alone. Of those drawn, the first that make a problem worth
/// solving are taken: between a fifth and two thirds of all settings can't start, 4 to 35 % of all are
/// feasible, at most 5 lie within 1 % of the best, and the best one by objective breaks the latency
/// bound, so that the bound binds.
struct SyntheticService {
  let name: String
  let family: ServiceFamily
  let cards: [Card]
  let formula: any ServiceFormula
  /// Milliseconds, on the 99th percentile.
  let latencyMax: Double
  /// Whether the memory in use is reported.
  let reportsMemory: Bool

  /// The eight by which results are reported. Nothing is developed on them.
  static var named: [SyntheticService] {
    [
      SyntheticService(name: "photo-tagger", family: .vision),
      SyntheticService(name: "defect-finder", family: .vision),
      SyntheticService(name: "chat-small", family: .language),
      SyntheticService(name: "summarizer", family: .language),
      SyntheticService(name: "news-feed", family: .recommendation),
      SyntheticService(name: "ad-ranker", family: .recommendation),
      SyntheticService(name: "speech-slice", family: .sharing),
      SyntheticService(name: "edge-detector", family: .sharing),
    ]
  }

  /// Fresh ones, of every family in turn.
  static func drawn(_ count: Int, seed: UInt64) -> [SyntheticService] {
    (0..<count).map { number in
      SyntheticService(
        name: "drawn-\(seed)-\(number)",
        family: ServiceFamily.allCases[number % ServiceFamily.allCases.count])
    }
  }

  /// - Parameter cards: of the cluster that it runs in; its own where none are given.
  init(name: String, family: ServiceFamily, cards: [Card]? = nil) {
    var attempt: UInt64 = 0
    while true {
      if let service = Self(name: name, family: family, cards: cards, attempt: attempt) {
        self = service
        return
      }
      attempt += 1
    }
  }

  private init?(name: String, family: ServiceFamily, cards: [Card]?, attempt: UInt64) {
    var draw = ConstantDraw(seed: SeededGenerator.seed(of: name), stream: attempt)
    self.name = name
    self.family = family
    let own = family.cards(&draw)
    self.cards = cards ?? own
    formula = family.formula(&draw)
    reportsMemory = draw.chance(0.3)
    let responses = Self.settings(family, self.cards).map(formula.response)
    guard let bound = Self.worthwhileBound(responses, feasibleShare: draw(0.06, 0.3)) else {
      return nil
    }
    latencyMax = bound
  }

  /// Every setting, batch by batch within memory within cores within types.
  static func settings(_ family: ServiceFamily, _ cards: [Card]) -> [ServiceSetting] {
    cards.flatMap { card in
      ServiceFamily.coreLevels.flatMap { cores in
        family.memoryLevels.flatMap { memory in
          ServiceFamily.batchLevels.map { batch in
            ServiceSetting(cores: cores, memory: memory, batch: batch, card: card)
          }
        }
      }
    }
  }

  /// The bound on latency that the wanted share of all settings meets, to three digits; nil where the
  /// problem isn't worth solving with it.
  private static func worthwhileBound(
    _ responses: [ServiceResponse?], feasibleShare: Double
  ) -> Double? {
    let running = responses.compactMap { $0 }
    let failing = 1 - Double(running.count) / Double(responses.count)
    guard (0.2...0.66).contains(failing) else { return nil }
    let rank = Int(feasibleShare * Double(responses.count))
    let latencies = running.map(\.latencyP99).sorted()
    guard rank < latencies.count else { return nil }
    let digits = pow(10, 2 - (log10(latencies[rank])).rounded(.down))
    let bound = (latencies[rank] * digits).rounded() / digits
    let worth = running.map { (value: $0.throughput / $0.costPerHour, latency: $0.latencyP99) }
    let feasible = worth.filter { $0.latency <= bound }.map(\.value).sorted(by: >)
    guard let best = feasible.first, let free = worth.map(\.value).max(), free > 1.02 * best,
      (0.04...0.35).contains(Double(feasible.count) / Double(responses.count)),
      feasible.count(where: { $0 >= 0.99 * best }) <= 5
    else { return nil }
    return bound
  }
}
