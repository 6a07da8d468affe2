import Glibc
package import Tuning

/// Numbers in rising order, to read quantiles from.
package struct OrderedValues: Sendable {
  package let values: [Double]

  package init(_ values: [Double]) { self.values = values.sorted() }

  /// The `probability` quantile; 0 of no values. Its expected rank is exactly the probability,
  /// so that few values don't flatter a high quantile (type 6 of R. J. Hyndman and Y. Fan,
  /// "Sample quantiles in statistical packages", 1996).
  ///
  /// - Parameter effectiveCount: how many of the values are as good as independent; all of them
  ///   by default. A slow queue's rare long waits come in clusters that a short window mostly
  ///   misses, so that the fewer are independent the higher is the rank that stands for a high
  ///   quantile.
  package func quantile(_ probability: Double, effectiveCount: Int? = nil) -> Double {
    guard let first = values.first, let last = values.last else { return 0 }
    let effective = Double(effectiveCount ?? values.count)
    let middle = (probability * (effective + 1) - 0.5) / effective
    let position = middle * Double(values.count) + 0.5
    guard position > 1 else { return first }
    guard position < Double(values.count) else { return last }
    let below = Int(position.rounded(.down))
    let weight = position - Double(below)
    return values[below - 1] * (1 - weight) + values[below] * weight
  }

  /// The distribution-free interval of a quantile from order statistics, as if only
  /// `effectiveCount` of the values were independent; nil when those are too few to bound it.
  ///
  /// - Parameter tail: the probability that the quantile lies below it, at most, and above.
  ///
  /// H. A. David and H. N. Nagaraja, *Order Statistics*, 2003, section 7.1.
  package func interval(
    ofQuantile probability: Double, effectiveCount: Int, tail: Double = 0.05
  ) -> Interval? {
    let above = ExceedanceCount(trials: effectiveCount, probability: 1 - probability)
    guard let fewest = above.greatest(withProbabilityAtMost: tail) else { return nil }
    let most = above.least(withProbabilityAtLeast: 1 - tail)
    let stretch = Double(values.count) / Double(max(effectiveCount, 1))
    return Interval(
      lower: value(fromTop: Int((Double(most) * stretch).rounded(.up))),
      upper: value(fromTop: Int((Double(fewest) * stretch).rounded(.down))))
  }

  private func value(fromTop rank: Int) -> Double {
    values[max(values.count - 1 - rank, 0)]
  }
}

/// How many of so many independent values exceed a bound: the binomial distribution.
private struct ExceedanceCount {
  let trials: Int
  let probability: Double

  /// The greatest count with P(exceedances ≤ count) ≤ `bound`; nil if even none is likelier.
  func greatest(withProbabilityAtMost bound: Double) -> Int? {
    let count = least { $0 > bound }
    return count == 0 ? nil : count - 1
  }

  /// The least count with P(exceedances ≤ count) ≥ `bound`.
  func least(withProbabilityAtLeast bound: Double) -> Int { least { $0 >= bound } }

  private func least(where isReached: (Double) -> Bool) -> Int {
    let odds = log(probability) - log1p(-probability)
    var logTerm = Double(trials) * log1p(-probability)
    var cumulative = exp(logTerm)
    var count = 0
    while !isReached(cumulative), count < trials {
      logTerm += log(Double(trials - count)) - log(Double(count + 1)) + odds
      count += 1
      cumulative += exp(logTerm)
    }
    return count
  }
}
