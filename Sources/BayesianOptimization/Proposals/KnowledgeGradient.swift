import GaussianProcess
import Glibc

/// What one more measurement is worth by what it does to the recommendation: the expected growth of
/// the best reward that can be had, when the decision is taken anew with what the measurement will
/// have shown. Optimal if it were the last one.
///
/// Of jointly normal metrics, a measurement of metric k at x, with noise ν²ₖ, moves the mean of another
/// point j by gₖ(j) z, z ~ N(0, 1), and takes gₖ(j)² off its variance, gₖ(j) = covₖ(j, x) /
/// √(varₖ(x) + ν²ₖ) (P. Frazier, W. Powell, S. Dayanik, "The knowledge-gradient policy for correlated
/// normal beliefs", *INFORMS Journal on Computing* 21, 2009, equation 9). There are several metrics, and
/// rewards that no line describes, so the expectation is over fixed draws of z, the same for all
/// points, in place of the envelope of lines there.
package struct KnowledgeGradient: Sendable {
  /// A joint normal law of one metric over all points, and the noise of a measurement.
  package struct Law: Sendable {
    package let means: [Double]
    /// Column-major, whole.
    package let covariance: [Double]
    package let noiseVariance: Double

    package init(means: [Double], covariance: [Double], noiseVariance: Double) {
      precondition(covariance.count == means.count * means.count)
      self.means = means
      self.covariance = covariance
      self.noiseVariance = noiseVariance
    }

    /// gₖ of every point.
    fileprivate func moves(by x: Int) -> [Double] {
      let n = means.count
      let deviation = max(covariance[x * n + x] + noiseVariance, 1e-300).squareRoot()
      return covariance[(x * n)..<((x + 1) * n)].map { $0 / deviation }
    }
  }

  /// A weighted sum of the metrics, with its own law at each point.
  private struct Form: Sendable {
    let weights: [Double]
    var means: [Double]
    let variances: [Double]

    init(_ laws: [Law], _ weights: [Double], known: [Double]) {
      self.weights = weights
      let n = known.count
      var means = known
      var variances = [Double](repeating: 0, count: n)
      for (weight, law) in zip(weights, laws) where weight != 0 {
        for j in 0..<n {
          means[j] += weight * law.means[j]
          variances[j] += weight * weight * law.covariance[j * n + j]
        }
      }
      self.means = means
      self.variances = variances
    }

    /// By how much the mean at `point` moves.
    func shift(_ point: Int, _ moves: [[Double]], _ z: ArraySlice<Double>) -> Double {
      var sum = 0.0
      for k in weights.indices where weights[k] != 0 {
        sum += weights[k] * moves[k][point] * z[z.startIndex + k]
      }
      return sum
    }

    /// Deviations after a measurement.
    func deviations(_ moves: [[Double]]) -> [Double] {
      variances.indices.map { j in
        var variance = variances[j]
        for k in weights.indices where weights[k] != 0 {
          variance -= weights[k] * weights[k] * moves[k][j] * moves[k][j]
        }
        return max(variance, 1e-300).squareRoot()
      }
    }
  }

  private let laws: [Law]
  private let utility: Form
  private let bounds: [(form: Form, bound: Double)]
  private let serving: [Double]
  private let isRecommendable: [Bool]
  /// Points in the order of their utility: as no reward is above it, late ones are seldom the best.
  private let order: [Int]

  /// - Parameters:
  ///   - weights: of each metric in the utility.
  ///   - known: the known part of the utility at each point.
  ///   - bounds: weighted sums of metrics that have to stay below a bound.
  ///   - serving: log P(it can serve) at each point.
  ///   - isRecommendable: whether each point could be recommended unmeasured.
  package init(
    _ laws: [Law], weights: [Double], known: [Double],
    bounds: [(weights: [Double], bound: Double)], serving: [Double], isRecommendable: [Bool]
  ) {
    self.laws = laws
    let utility = Form(laws, weights, known: known)
    self.utility = utility
    let nothing = [Double](repeating: 0, count: known.count)
    self.bounds = bounds.map { (Form(laws, $0.weights, known: nothing), $0.bound) }
    self.serving = serving
    self.isRecommendable = isRecommendable
    order = known.indices.filter { known[$0] > -.infinity }
      .sorted { utility.means[$0] > utility.means[$1] }
  }

  /// The gain of a measurement at each of `candidates`, given that it serves.
  /// - Parameter draws: independent standard normal numbers, one for each metric in each outcome
  ///   that is weighed.
  package func gains(of candidates: [Int], draws: [Double]) -> [Double] {
    let outcomes = draws.count / max(laws.count, 1)
    let still = laws.map { [Double](repeating: 0, count: $0.means.count) }
    let nothing = [Double](repeating: 0, count: laws.count)
    let now = best(still, bounds.map { $0.form.deviations(still) }, nothing[...])
    return candidates.map { x in
      let moves = laws.map { $0.moves(by: x) }
      let deviations = bounds.map { $0.form.deviations(moves) }
      var sum = 0.0
      for outcome in 0..<outcomes {
        let z = draws[(outcome * laws.count)..<((outcome + 1) * laws.count)]
        sum += best(moves, deviations, z, serving: x)
      }
      return sum / Double(max(outcomes, 1)) - now
    }
  }

  /// The best reward after a measurement.
  private func best(
    _ moves: [[Double]], _ deviations: [[Double]], _ z: ArraySlice<Double>,
    serving measured: Int? = nil
  ) -> Double {
    var best = -Double.infinity
    for j in order where isRecommendable[j] || j == measured {
      let value = utility.means[j] + utility.shift(j, moves, z)
      guard value > best else { continue }
      // What has been measured serves.
      var chance = j == measured ? 0 : serving[j]
      for (number, bound) in bounds.enumerated() {
        let mean = bound.form.means[j] + bound.form.shift(j, moves, z)
        chance += NormalDistribution.logProbability(
          below: (bound.bound - mean) / deviations[number][j])
      }
      best = max(best, Self.reward(utility: value, logChance: chance))
    }
    return best
  }

  /// What the recommendation of a point is worth: its utility, less what its doubts cost. What is not
  /// nearly sure is recommended only where nothing else can be.
  /// - Parameter logChance: of meeting every constraint.
  package static func reward(utility: Double, logChance: Double) -> Double {
    let excess = max(0, log(StudyModel.nearlySure) - logChance)
    return utility + StudyModel.priceOfDoubt * logChance - priceOfUnsureness * excess
  }

  private static let priceOfUnsureness = 10.0
}
