import GaussianProcess
import Glibc

/// How much a point would add to what a front dominates, in expectation. More is better in every
/// objective.
///
/// The volume that f adds to a front above a reference point r is, cut into slabs along the last
/// objective between the front's own values, a sum of lengths times volumes of one dimension less:
///
///     V(f) = Σ_slabs |[l, u] ∩ (−∞, f_m]| · V′(f′; members that reach above the slab)
///
/// Where the objectives are independent and normal, the expectation of each product is the product
/// of expectations, and E|[l, u] ∩ (−∞, f]| = E(f − l)⁺ − E(f − u)⁺. For two objectives this is the
/// formula of M. Emmerich, K. Yang, A. Deutz, H. Wang, C. M. Fonseca, "A multicriteria
/// generalization of Bayesian global optimization", *Advances in Stochastic and Deterministic Global
/// Optimization*, 2016; for more it is theirs applied slab by slab, and exact too.
package struct ParetoImprovement: Sendable {
  /// Lower corner; nothing counts that isn't above it everywhere.
  package let reference: [Double]
  /// Members of the front that lie above the reference.
  package let front: [[Double]]

  package init(front: [[Double]], reference: [Double]) {
    self.reference = reference
    self.front = Self.undominated(
      front.filter { zip($0, reference).allSatisfy { $0 > $1 } })
  }

  /// The logarithm of the expected added volume of a point with independent normal objectives.
  package func logExpectation(means: [Double], variances: [Double]) -> Double {
    guard means.allSatisfy({ $0 > -.infinity }) else { return -.infinity }
    return logExpectation(front, dimensions: reference.count) { objective, bound in
      Self.logExcess(means[objective], variances[objective], over: bound)
    }
  }

  /// The volume above the reference that the front dominates.
  package var volume: Double {
    // What a point at infinity would add to nothing, less what it adds to the front, is finite
    // where both are cut off at the front's best.
    guard !front.isEmpty else { return 0 }
    let top = reference.indices.map { k in front.map { $0[k] }.max() ?? reference[k] }
    let box = zip(top, reference).reduce(1) { $0 * ($1.0 - $1.1) }
    let missing = exp(
      logExpectation(means: top, variances: [Double](repeating: 0, count: top.count)))
    return box - missing
  }

  private func logExpectation(
    _ members: [[Double]], dimensions: Int, _ logExcess: (Int, Double) -> Double
  ) -> Double {
    let last = dimensions - 1
    if dimensions == 1 {
      return logExcess(0, members.map { $0[0] }.max() ?? reference[0])
    }
    let heights = Set(members.map { $0[last] }).sorted()
    var terms: [Double] = []
    var lower = reference[last]
    for upper in heights + [.infinity] {
      let length = Self.logDifference(
        logExcess(last, lower), upper == .infinity ? -.infinity : logExcess(last, upper))
      if length > -.infinity {
        let reaching = members.filter { $0[last] >= upper }
        terms.append(length + logExpectation(reaching, dimensions: last, logExcess))
      }
      lower = upper
    }
    return Self.logSum(terms)
  }

  /// log E(f − bound)⁺
  private static func logExcess(_ mean: Double, _ variance: Double, over bound: Double) -> Double {
    guard variance > 0 else { return mean > bound ? log(mean - bound) : -.infinity }
    return AcquisitionFunction.logExpectedImprovement(mean: mean, variance: variance, over: bound)
  }

  /// log(eᵃ − eᵇ) for a ≥ b.
  private static func logDifference(_ a: Double, _ b: Double) -> Double {
    guard a > b else { return -.infinity }
    return a + log1p(-exp(b - a))
  }

  private static func logSum(_ terms: [Double]) -> Double {
    guard let largest = terms.max(), largest > -.infinity else { return -.infinity }
    return largest + log(terms.reduce(0) { $0 + exp($1 - largest) })
  }

  /// The points that no other one beats or equals everywhere; of equal ones, the first.
  package static func undominated(_ points: [[Double]]) -> [[Double]] {
    undominatedIndices(points).map { points[$0] }
  }

  package static func undominatedIndices(_ points: [[Double]]) -> [Int] {
    points.indices.filter { i in
      !points.indices.contains { j in
        j != i && zip(points[j], points[i]).allSatisfy { $0 >= $1 }
          && (points[j] != points[i] || j < i)
      }
    }
  }
}
