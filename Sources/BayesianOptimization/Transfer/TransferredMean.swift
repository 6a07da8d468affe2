import GaussianProcess
import Glibc
import Tuning

/// What earlier services let us expect of the logarithm of a metric: its shape over the space, up to
/// a constant that the surrogate learns.
///
///     m(x) = Σₛ wₛ bₛ gₛ(x)
///
/// with gₛ the earlier service's log metric, bₛ a slope near 1, and wₛ the probability that the
/// service ranks configurations as this one does. Each comparison of two observations is agreed with
/// at 0.9 by a service that does, and at ½ by nothing, which has a weight of its own: a misleading
/// service loses to it, and m fades to 0. Observations that differ by less than their noise aren't
/// compared. Of n observations, n − 1 comparisons are independent; all are averaged to that many.
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
  private static let slopeDeviation = 0.4
  private static let residualDeviation = 0.25

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
    var values = [Double](repeating: 0, count: first.count)
    var trust = 0.0
    for (service, logWeight) in zip(earlier, logWeights) {
      let weight = exp(logWeight - top) / total
      guard weight > 1e-4 else { continue }
      trust += weight
      let slope = weight * Self.slope(service, observed, cells)
      for cell in values.indices { values[cell] += slope * service[cell] }
    }
    self.values = values
    self.trust = trust
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

  /// The slope of the observations over the service's values, drawn to 1 by a normal prior.
  private static func slope(_ service: [Double], _ observed: [Double], _ cells: [Int]) -> Double {
    guard observed.count > 1 else { return 1 }
    let x = cells.map { service[$0] }
    let meanX = x.reduce(0, +) / Double(x.count)
    let meanY = observed.reduce(0, +) / Double(observed.count)
    let precision = 1 / (slopeDeviation * slopeDeviation)
    let scale = 1 / (residualDeviation * residualDeviation)
    var xx = precision
    var xy = precision
    for (a, b) in zip(x, observed) {
      xx += scale * (a - meanX) * (a - meanX)
      xy += scale * (a - meanX) * (b - meanY)
    }
    return min(max(xy / xx, 0), 2)
  }
}
