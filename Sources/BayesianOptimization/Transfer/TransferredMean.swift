import GaussianProcess
import Glibc
import Tuning

/// What earlier services let us expect of the logarithm of a metric: its shape over the space, up to
/// a constant that the surrogate learns.
///
///     m(x) = Σₛ βₛ gₛ(x),   βₛ ~ N(wₛ, wₛ τ²) before data,   y = a + m(x) + N(0, ρ²)
///
/// with gₛ the earlier service's log metric, and wₛ the weight of the service (`RankAgreement`).
struct TransferredMean: Sendable {
  /// At each cell.
  private let values: [Double]
  /// Of all earlier services together, from 0 to 1.
  let trust: Double
  private let locator: GridLocator

  /// τ
  private static let slopeDeviation = 1.0
  /// ρ
  private static let residualDeviation = 0.08

  /// Nil when no service has the metric.
  /// - Parameters:
  ///   - earlier: one table a service, with its weight.
  ///   - observed: logarithms, one for each cell of `cells`.
  init?(
    _ earlier: [(logMetric: [Double], weight: Double)], observed: [Double], at cells: [Int],
    _ locator: GridLocator
  ) {
    guard let first = earlier.first else { return nil }
    trust = min(earlier.reduce(0) { $0 + $1.weight }, 1)
    var values = [Double](repeating: 0, count: first.logMetric.count)
    let slopes = Self.slopes(earlier.map(\.logMetric), earlier.map(\.weight), observed, cells)
    for (service, slope) in zip(earlier, slopes) {
      for cell in values.indices { values[cell] += slope * service.logMetric[cell] }
    }
    self.values = values
    self.locator = locator
  }

  /// At each point; at one that the grid doesn't have, the mean over all cells.
  func values(at points: Inputs) -> [Double] {
    let middle = values.reduce(0, +) / Double(max(values.count, 1))
    return locator.cells(of: points).map { $0.map { values[$0] } ?? middle }
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
