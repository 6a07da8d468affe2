import GaussianProcess
import Glibc
import Tuning

/// The probability that a candidate finds the memory that it needs, from a model of the machine:
///
///     supply = Π levelᵂ over parameters that supply,   need = A + B Π levelᴳ over those that demand
///     P(starts) = Φ((log supply − log need + offsets) / σ)
///
/// Exponents are about 1 and never negative, so that one failure speaks for all that it dominates.
/// Parameters of unknown effect and choices shift the logarithm a little. What A, B and the others
/// are is averaged over draws from their law given what started and what didn't, by elliptical
/// slice sampling (I. Murray, R. P. Adams, D. J. C. MacKay, AISTATS 2010).
package struct MemoryBoundary: Sendable {
  private let scales: ParameterScales
  private let layout: Layout
  private let draws: [[Double]]

  /// Whether anything is known to supply or to demand.
  package static func applies(to scales: ParameterScales) -> Bool {
    scales.effects.contains { $0 != .unknown }
  }

  /// - Parameters:
  ///   - rows: coordinates of the points of known outcome, row-major.
  ///   - started: one for each point.
  package init(_ scales: ParameterScales, rows: [Double], started: [Bool], seed: UInt64) {
    self.scales = scales
    layout = Layout(scales)
    let features = Features(scales, rows)
    var generator = SeededGenerator(seed: seed, stream: 5)
    draws = Self.sampled(layout, features, started, &generator)
  }

  /// P(it starts) at each point.
  package func probabilities(_ rows: [Double]) -> [Double] {
    let features = Features(scales, rows)
    var result = [Double](repeating: 0, count: features.count)
    for draw in draws {
      for i in result.indices {
        result[i] += Self.probability(layout.margin(draw, features, i))
      }
    }
    return result.map { $0 / Double(draws.count) }
  }

  /// Boundaries aren't razor-sharp, and things fail for other reasons too.
  private static let softness = 0.08
  private static let lapse = 0.01

  private static func probability(_ margin: Double) -> Double {
    // The logistic function is near enough to Φ(z) at 1.7 z.
    lapse + (1 - 2 * lapse) / (1 + exp(-1.7 * margin / softness))
  }

  private static let burnIn = 60
  private static let drawCount = 64
  private static let thinning = 2

  private static func sampled(
    _ layout: Layout, _ features: Features, _ started: [Bool], _ generator: inout SeededGenerator
  ) -> [[Double]] {
    func logLikelihood(_ state: [Double]) -> Double {
      started.indices.reduce(0) { sum, i in
        let p = probability(layout.margin(state, features, i))
        return sum + log(started[i] ? p : 1 - p)
      }
    }
    var state = [Double](repeating: 0, count: layout.count)
    var current = logLikelihood(state)
    var draws: [[Double]] = []
    let steps = burnIn + drawCount * thinning
    for step in 0..<steps {
      let other = NormalDistribution.draws(layout.count, using: &generator)
      let threshold = current + log(generator.nextUnit())
      var angle = 2 * Double.pi * generator.nextUnit()
      var (low, high) = (angle - 2 * Double.pi, angle)
      for _ in 0..<40 {
        let (c, s) = (cos(angle), sin(angle))
        let candidate = zip(state, other).map { $0 * c + $1 * s }
        let value = logLikelihood(candidate)
        if value > threshold {
          (state, current) = (candidate, value)
          break
        }
        if angle < 0 { low = angle } else { high = angle }
        angle = low + (high - low) * generator.nextUnit()
      }
      if step >= burnIn, (step - burnIn) % thinning == 0 { draws.append(state) }
    }
    return draws
  }
}

extension MemoryBoundary {
  /// Points as the model sees them, column by column.
  fileprivate struct Features {
    let count: Int
    let columns: [[Double]]

    init(_ scales: ParameterScales, _ rows: [Double]) {
      let d = scales.count
      let n = rows.count / max(d, 1)
      count = n
      columns = (0..<d).map { k in
        let top = scales.logRatio(k, 1)
        return (0..<n).map { i in
          let x = rows[i * d + k]
          guard scales.isOrdinal[k] else { return x }
          switch scales.effects[k] {
          case .supply: return scales.logRatio(k, x) - top
          case .demand: return scales.logRatio(k, x)
          case .unknown: return x - 0.5
          }
        }
      }
    }
  }

  /// Where each unknown stands in a vector of independent standard normal numbers.
  fileprivate struct Layout {
    let count: Int
    private let supply: [Int]
    private let demand: [Int]
    private let unknown: [Int]
    private let choices: [(column: Int, offset: Int)]
    private let supplyRange: Double
    private let demandRange: Double

    init(_ scales: ParameterScales) {
      let columns = 0..<scales.count
      supply = columns.filter { scales.isOrdinal[$0] && scales.effects[$0] == .supply }
      demand = columns.filter { scales.isOrdinal[$0] && scales.effects[$0] == .demand }
      unknown = columns.filter { scales.isOrdinal[$0] && scales.effects[$0] == .unknown }
      var offset = 2 + supply.count + demand.count + unknown.count
      var choices: [(column: Int, offset: Int)] = []
      for column in columns where !scales.isOrdinal[column] {
        choices.append((column, offset))
        offset += scales.levelCounts[column]
      }
      self.choices = choices
      count = offset
      supplyRange = supply.isEmpty ? 1.5 : supply.reduce(0) { $0 + scales.logRatio($1, 1) }
      demandRange = demand.reduce(0) { $0 + scales.logRatio($1, 1) }
    }

    /// log supply − log need, in units where the greatest supply is 1.
    func margin(_ state: [Double], _ features: Features, _ i: Int) -> Double {
      var margin = 0.0
      var next = 2
      for column in supply {
        margin += exp(0.25 * state[next]) * features.columns[column][i]
        next += 1
      }
      // What is needed at the greatest demand, less what a lower demand saves.
      var active = -0.3 + 1.2 * state[1]
      if demand.isEmpty { active = -.infinity }
      for column in demand {
        active += exp(0.25 * state[next]) * features.columns[column][i]
        next += 1
      }
      active -= demandRange
      for column in unknown {
        margin += 0.3 * state[next] * features.columns[column][i]
        next += 1
      }
      for (column, offset) in choices {
        margin += 0.3 * state[offset + Int(features.columns[column][i])]
      }
      let fixed = -0.9 * supplyRange + 0.8 * state[0]
      let (great, small) = (max(fixed, active), min(fixed, active))
      return margin - great - log1p(exp(small - great))
    }
  }
}
