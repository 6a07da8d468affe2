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
  private let known: Known

  /// Whether anything is known to supply or to demand.
  package static func applies(to scales: ParameterScales) -> Bool {
    scales.effects.contains { $0 != .unknown }
  }

  /// - Parameters:
  ///   - rows: coordinates of the points of known outcome, row-major.
  ///   - started: one for each point.
  ///   - together: P(it would start with memory enough) of each point, 1 by default.
  package init(
    _ scales: ParameterScales, rows: [Double], started: [Bool], together: [Double]? = nil,
    seed: UInt64
  ) {
    self.scales = scales
    layout = Layout(scales)
    known = Known(
      features: Features(scales, rows), started: started,
      together: together ?? [Double](repeating: 1, count: started.count))
    var generator = SeededGenerator(seed: seed, stream: 5)
    draws = Self.sampled(layout, known, &generator)
  }

  /// What is known of some points.
  private struct Known: Sendable {
    let features: Features
    let started: [Bool]
    let together: [Double]

    /// P(what became of a point).
    @inline(__always)
    func likelihood(_ point: Int, margin: Double) -> Double {
      let p = together[point] * MemoryBoundary.probability(margin)
      return started[point] ? p : 1 - p
    }
  }

  /// P(it starts) at each point.
  package func probabilities(_ rows: [Double]) -> [Double] {
    let features = Features(scales, rows)
    var result = [Double](repeating: 0, count: features.count)
    var margins = result
    for draw in draws {
      layout.margins(draw, features, into: &margins)
      for i in result.indices { result[i] += Self.probability(margins[i]) }
    }
    return result.map { $0 / Double(draws.count) }
  }

  /// P(memory is enough) at each known point, by all others: of draws from the law given all points,
  /// each counts the more, the less likely it made this one (A. Gelfand, D. Dey, H. Chang, "Model
  /// determination using predictive distributions", *Bayesian Statistics* 4, 1992).
  var leaveOneOut: [Double] {
    var margins = [Double](repeating: 0, count: known.started.count)
    var sums = margins
    var weights = margins
    for draw in draws {
      layout.margins(draw, known.features, into: &margins)
      for i in margins.indices {
        let weight = 1 / max(known.likelihood(i, margin: margins[i]), 1e-9)
        weights[i] += weight
        sums[i] += weight * Self.probability(margins[i])
      }
    }
    return zip(sums, weights).map { $0 / $1 }
  }

  /// Boundaries aren't razor-sharp, and things fail for other reasons too.
  private static let softness = 0.08
  private static let lapse = 0.01

  @inline(__always)
  private static func probability(_ margin: Double) -> Double {
    // The logistic function is near enough to Φ(z) at 1.7 z.
    lapse + (1 - 2 * lapse) / (1 + exp(-1.7 * margin / softness))
  }

  private static let burnIn = 60
  private static let drawCount = 64
  private static let thinning = 2

  private static func sampled(
    _ layout: Layout, _ known: Known, _ generator: inout SeededGenerator
  ) -> [[Double]] {
    var margins = [Double](repeating: 0, count: known.started.count)
    func logLikelihood(_ state: [Double]) -> Double {
      layout.margins(state, known.features, into: &margins)
      var sum = 0.0
      var product = 1.0
      for i in margins.indices {
        product *= max(known.likelihood(i, margin: margins[i]), 1e-9)
        // One logarithm for many factors.
        if product < 1e-200 {
          sum += log(product)
          product = 1
        }
      }
      return sum + log(product)
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
    /// Points that demand the same are one group, the demands of which are a row each.
    let groups: [Int]
    let demands: [[Double]]

    init(_ scales: ParameterScales, _ rows: [Double]) {
      let d = scales.count
      let n = rows.count / max(d, 1)
      count = n
      let columns = (0..<d).map { k in
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
      self.columns = columns
      let demanding = columns.indices.filter {
        scales.isOrdinal[$0] && scales.effects[$0] == .demand
      }
      var numbers: [[Double]: Int] = [:]
      var demands: [[Double]] = []
      groups = (0..<n).map { i in
        let row = demanding.map { columns[$0][i] }
        if let number = numbers[row] { return number }
        numbers[row] = demands.count
        demands.append(row)
        return demands.count - 1
      }
      self.demands = demands
    }
  }

  /// Where each unknown stands in a vector of independent standard normal numbers.
  fileprivate struct Layout {
    let count: Int
    private let supply: [Int]
    private let demandCount: Int
    private let unknown: [Int]
    private let choices: [(column: Int, offset: Int)]
    private let supplyRange: Double
    private let demandRange: Double

    init(_ scales: ParameterScales) {
      let columns = 0..<scales.count
      supply = columns.filter { scales.isOrdinal[$0] && scales.effects[$0] == .supply }
      let demand = columns.filter { scales.isOrdinal[$0] && scales.effects[$0] == .demand }
      demandCount = demand.count
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

    /// log supply − log need of each point, in units where the greatest supply is 1.
    func margins(_ state: [Double], _ features: Features, into margins: inout [Double]) {
      let needs = logNeeds(state, features)
      for i in margins.indices { margins[i] = -needs[features.groups[i]] }
      func add(_ factor: Double, _ column: [Double]) {
        for i in margins.indices { margins[i] += factor * column[i] }
      }
      for (number, column) in supply.enumerated() {
        add(exp(0.25 * state[2 + number]), features.columns[column])
      }
      for (number, column) in unknown.enumerated() {
        add(0.3 * state[2 + supply.count + demandCount + number], features.columns[column])
      }
      for (column, offset) in choices {
        let choice = features.columns[column]
        for i in margins.indices { margins[i] += 0.3 * state[offset + Int(choice[i])] }
      }
    }

    /// Of each group.
    private func logNeeds(_ state: [Double], _ features: Features) -> [Double] {
      let fixed = -0.9 * supplyRange + 0.8 * state[0]
      let powers = (0..<demandCount).map { exp(0.25 * state[2 + supply.count + $0]) }
      return features.demands.map { demands in
        guard demandCount > 0 else { return fixed }
        // What is needed at the greatest demand, less what a lower demand saves.
        var active = -0.3 + 1.2 * state[1] - demandRange
        for (power, demand) in zip(powers, demands) { active += power * demand }
        return max(fixed, active) + log1p(exp(min(fixed, active) - max(fixed, active)))
      }
    }
  }
}
