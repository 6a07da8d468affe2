import Glibc

/// Whether a quantile keeps its bound, decided as soon as the data are certain of it.
///
/// It may be asked after every value: a wealth that bets against "at least `share` of the values
/// exceed the bound", and one that bets against "at most", are martingales at worst, so that
/// either reaches 1/`risk` with a probability of at most `risk`, however long one looks (J. Ville,
/// 1939; I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting",
/// JRSS B, 2024). That is exact for independent values. A queue's exceedances come in clusters, so
/// the logarithm of either wealth is divided by how much less the values say than independent ones
/// would; the greatest such factor so far is kept. This part is no theorem: the tests hold the
/// rate of false verdicts over simulated queues.
package struct SequentialVerdict: Sendable {
  package enum Conclusion: Hashable, Sendable {
    case undecided
    case holds
    case fails
  }

  package let bound: Double
  /// The share of values that may exceed the bound: 0.01 for a 99th percentile.
  package let share: Double
  /// The probability of a false verdict, at most, for independent values; what it is aimed at for
  /// others.
  package let risk: Double
  /// How many values it takes to hold, at least. What hasn't happened yet can't be seen, such as a
  /// pause that comes every few seconds: the verdict is about what recurs within so many values.
  package let leastToHold: Int
  /// Once decided, it stays.
  package private(set) var conclusion = Conclusion.undecided
  /// How many values it took, or how many there are.
  package private(set) var count = 0

  private var values: [Double] = []
  private var exceedances = 0
  private var greatestInflation = 1.0
  private var nextLook = Self.countMin

  /// - Parameters:
  ///   - bound: what the quantile is held against, in the unit of the values.
  ///   - share: from 0 to 1, both excluded.
  ///   - risk: likewise.
  ///   - leastToHold: how many values it takes to hold, at least.
  package init(
    bound: Double, share: Double = 0.01, risk: Double = 0.05, leastToHold: Int = 0
  ) {
    precondition(share > 0 && share < 1 && risk > 0 && risk < 1)
    self.bound = bound
    self.share = share
    self.risk = risk
    self.leastToHold = leastToHold
  }

  /// - Parameter value: infinite where there was no right answer.
  package mutating func append(_ value: Double) {
    guard conclusion == .undecided else { return }
    values.append(value)
    count += 1
    exceedances += value > bound ? 1 : 0
    guard count >= nextLook else { return }
    nextLook = count + max(count / 8, 16)
    look()
  }

  private static let countMin = 64
  /// The clustering is estimated from few excursions, and mostly too low while the only ones seen
  /// are those that look like a failure.
  private static let failureMargin = 1.5
  /// For the same reason; chosen so that the false verdicts stay below the risk with all queues of
  /// the tests.
  private static let holdingMargin = 1.6

  private mutating func look() {
    let clustering = Clustering(of: values, bound: bound)
    greatestInflation = max(greatestInflation, clustering.greatest)
    let needed = -log(risk)
    if count >= leastToHold, wealth(of: below) >= needed * clustering.typical * Self.holdingMargin {
      conclusion = .holds
    } else if wealth(of: above) >= needed * greatestInflation * Self.failureMargin {
      conclusion = .fails
    }
  }

  /// Bets on shares below the one that is allowed, as parts of it; much on none at all.
  private var below: [(weight: Double, share: Double)] {
    [(0.5, 1e-6 * share)] + [0.1, 0.25, 0.5, 0.75].map { (0.125, $0 * share) }
  }

  /// Bets on shares above it, as parts of what is left up to 1.
  private var above: [(weight: Double, share: Double)] {
    let parts = [0.003, 0.01, 0.03, 0.1, 0.3, 0.8]
    return parts.map { (1 / Double(parts.count), share + $0 * (1 - share)) }
  }

  /// The logarithm of the mixture of likelihood ratios against `share`.
  private func wealth(of bets: [(weight: Double, share: Double)]) -> Double {
    let others = Double(count - exceedances)
    let logarithms = bets.map { bet in
      log(bet.weight) + Double(exceedances) * log(bet.share / share)
        + others * (log1p(-bet.share) - log1p(-share))
    }
    let greatest = logarithms.max() ?? 0
    return greatest + log(logarithms.reduce(0) { $0 + exp($1 - greatest) })
  }
}

/// By how much the crossings of high levels cluster: the variance of their count in blocks of
/// consecutive values over that of independent values, at least 1.
///
/// As in `Autocorrelation`, levels below the bound are used too, since they are crossed often
/// enough to count. They are read from a part of the values, evenly spaced.
private struct Clustering {
  /// The greatest over several levels of what blocks of different lengths say on average.
  let typical: Double
  /// The greatest over levels and lengths.
  let greatest: Double

  init(of values: [Double], bound: Double) {
    let step = max(values.count / 200, 1)
    let ordered = OrderedValues(stride(from: 0, to: values.count, by: step).map { values[$0] })
    var (typical, greatest) = (1.0, 1.0)
    for level in [0.5, 0.8, 0.9, 0.95].map({ ordered.quantile($0) }) + [bound] {
      let inflations = [8, 16, 32].map {
        Self.inflation(of: values, above: level, blocks: $0)
      }
      typical = max(typical, inflations.reduce(0, +) / Double(inflations.count))
      greatest = max(greatest, inflations.max() ?? 1)
    }
    (self.typical, self.greatest) = (typical, greatest)
  }

  private static func inflation(of values: [Double], above level: Double, blocks: Int) -> Double {
    let length = values.count / blocks
    guard length >= 2 else { return 1 }
    var (sum, squares) = (0.0, 0.0)
    for block in 0..<blocks {
      var crossings = 0
      for index in block * length..<(block + 1) * length {
        crossings += values[index] > level ? 1 : 0
      }
      sum += Double(crossings)
      squares += Double(crossings * crossings)
    }
    let mean = sum / Double(blocks)
    let share = mean / Double(length)
    guard share > 0, share < 1 else { return 1 }
    let variance = (squares - sum * mean) / Double(blocks - 1)
    return variance / (Double(length) * share * (1 - share))
  }
}
