import GaussianProcess
import Glibc
import Tuning

/// What earlier services let us expect of the logarithm of a metric: its shape over the space, up to
/// a constant that the surrogate learns.
///
///     m(x) = Σₛ βₛ gₛ(x),   βₛ ~ N(wₛ, wₛ τ²) before data,   y = a + m(x) + N(0, ρ²)
///
/// with gₛ the earlier service's log metric, and wₛ the probability that the service ranks
/// configurations as this one does. Each comparison of two observations is agreed with at 0.9 by a
/// service that does, and at ½ by nothing, which has a weight of its own: a misleading service loses to
/// it, and m fades to 0. Observations that differ by less than their noise aren't compared. Of n
/// observations, n − 1 comparisons are independent; all are averaged to that many.
///
/// Weighting by ranks: M. Feurer, B. Letham, F. Hutter, E. Bakshy, "Practical transfer learning for
/// Bayesian optimization", 2018, section 4; there the weights come from resampling, here from a
/// likelihood, so that nothing at all can have one.
struct TransferredMean: Sendable {
  /// At each cell.
  private let values: [Double]
  /// Of all earlier services together, from 0 to 1.
  let trust: Double
  private let locator: GridLocator

  private static let agreement = 0.9
  /// Before anything was seen.
  private static let nothingsShare = 0.1
  /// τ
  private static let slopeDeviation = 0.5
  /// ρ
  private static let residualDeviation = 0.15

  /// Nil when no service has the metric.
  /// - Parameters:
  ///   - observed: logarithms, one for each cell of `cells`.
  ///   - noise: of one logarithm.
  init?(
    _ earlier: [[Double]], observed: [Double], at cells: [Int], noise: Double,
    _ locator: GridLocator
  ) {
    guard let first = earlier.first else { return nil }
    let nothing = log(0.5) * Double(max(observed.count - 1, 0)) + log(Self.nothingsShare)
    let each = log((1 - Self.nothingsShare) / Double(earlier.count))
    let logWeights = earlier.map { service in
      each + Self.logLikelihood(service, observed, cells, noise)
    }
    let top = max(nothing, logWeights.max() ?? nothing)
    let total = exp(nothing - top) + logWeights.reduce(0) { $0 + exp($1 - top) }
    let weights = logWeights.map { exp($0 - top) / total }
    trust = weights.reduce(0, +)
    var values = [Double](repeating: 0, count: first.count)
    for (service, slope) in zip(earlier, Self.slopes(earlier, weights, observed, cells)) {
      for cell in values.indices { values[cell] += slope * service[cell] }
    }
    self.values = values
    self.locator = locator
  }

  /// At each point; at one that the grid doesn't have, the mean over all cells.
  func values(at points: Inputs) -> [Double] {
    let middle = values.reduce(0, +) / Double(max(values.count, 1))
    return locator.cells(of: points).map { $0.map { values[$0] } ?? middle }
  }

  private static func logLikelihood(
    _ service: [Double], _ observed: [Double], _ cells: [Int], _ noise: Double
  ) -> Double {
    var agreeing = 0.0
    var compared = 0.0
    for i in observed.indices {
      for j in 0..<i where abs(observed[i] - observed[j]) > 2 * noise {
        compared += 1
        let product = (observed[i] - observed[j]) * (service[cells[i]] - service[cells[j]])
        agreeing += product > 0 ? 1 : 0
      }
    }
    guard compared > 0 else { return log(0.5) * Double(max(observed.count - 1, 0)) }
    let share = agreeing / compared
    return Double(observed.count - 1)
      * (share * log(agreement) + (1 - share) * log(1 - agreement))
  }

  /// β after data, by going round its elements until they rest.
  private static func slopes(
    _ earlier: [[Double]], _ weights: [Double], _ observed: [Double], _ cells: [Int]
  ) -> [Double] {
    let columns = earlier.map { service in centered(cells.map { service[$0] }) }
    let scale = 1 / (residualDeviation * residualDeviation)
    var slopes = weights
    var rest = centered(observed)
    func add(_ factor: Double, _ column: [Double]) {
      for i in rest.indices { rest[i] += factor * column[i] }
    }
    for (slope, column) in zip(slopes, columns) { add(-slope, column) }
    for _ in 0..<50 {
      for s in earlier.indices where weights[s] > 1e-3 {
        add(slopes[s], columns[s])
        let precision = 1 / (weights[s] * slopeDeviation * slopeDeviation)
        let product = zip(columns[s], rest).reduce(0) { $0 + $1.0 * $1.1 }
        let square = columns[s].reduce(0) { $0 + $1 * $1 }
        slopes[s] = (scale * product + precision * weights[s]) / (scale * square + precision)
        add(-slopes[s], columns[s])
      }
    }
    return slopes
  }

  private static func centered(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    return values.map { $0 - mean }
  }
}
