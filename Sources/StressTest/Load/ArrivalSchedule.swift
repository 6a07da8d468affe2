import Glibc
package import Tuning

/// When the requests of an open-loop load are due. A pure function of rate, duration and seed:
/// what became of earlier requests never moves a later one.
package enum ArrivalSchedule: String, Hashable, Sendable, Codable, CaseIterable {
  /// Equal gaps.
  case constant
  /// Independent users: a Poisson process given its number of arrivals, which is `rate` times
  /// `duration`, so that the load offered in a short window is the load that was asked for.
  case poisson

  /// Due times in nanoseconds after the window's start, rising, all within the duration. Empty
  /// where rate or duration isn't positive.
  package func intendedStarts(rate: Rate, duration: Duration, seed: UInt64) -> [Int64] {
    intendedStarts(shape: .steps([rate], each: duration), seed: seed)
  }

  /// The same for a rate that changes: what is due at one rate is moved in time so that as much is
  /// due before any instant as the shape says (E. Çinlar, *Introduction to Stochastic Processes*,
  /// 1975, section 4.7).
  package func intendedStarts(shape: LoadShape, seed: UInt64) -> [Int64] {
    let expected = shape.expected
    guard expected > 0, expected.isFinite else { return [] }
    let nanoseconds = { (count: Double) in Int64(shape.time(ofExpected: count) * 1e9) }
    switch self {
    case .constant:
      return (0..<Int((expected - 1e-9).rounded(.up))).map { nanoseconds(Double($0)) }
    case .poisson:
      var generator = SeededGenerator(seed: seed, stream: 0xA221)
      let isRoundedUp = generator.nextUnit() < expected - expected.rounded(.down)
      let count = Int(expected.rounded(.down)) + (isRoundedUp ? 1 : 0)
      return Self.uniformOrderStatistics(count, using: &generator).map {
        nanoseconds($0 * expected)
      }
    }
  }

  /// `count` uniform numbers in rising order, without sorting: partial sums of `count` + 1
  /// exponential gaps over their total (L. Devroye, *Non-Uniform Random Variate Generation*,
  /// 1986, theorem V.2.2).
  private static func uniformOrderStatistics(
    _ count: Int, using generator: inout SeededGenerator
  ) -> [Double] {
    var sums: [Double] = []
    sums.reserveCapacity(count)
    var sum = 0.0
    for _ in 0..<count {
      sum -= log(generator.nextUnit())
      sums.append(sum)
    }
    sum -= log(generator.nextUnit())
    return sums.map { $0 / sum }
  }
}
