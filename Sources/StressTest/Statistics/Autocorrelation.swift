import Glibc

/// How much less a correlated series says than an independent one of the same length.
package enum Autocorrelation {
  /// How many independent values would fix a high quantile as well as this series does; at most
  /// its length, at least 1.
  ///
  /// The variance of the share of values above a level, over blocks of consecutive values, is
  /// compared with what independent values would give. Levels below the 99th percentile are used
  /// because they are crossed often enough to count; a queue's excursions above a lower level
  /// last longer, which errs to the safe side. (Batch means: S. Asmussen, P. W. Glynn,
  /// *Stochastic Simulation*, 2007, section IV.5.)
  ///
  /// - Parameter levels: the quantiles at whose levels crossings are counted.
  package static func effectiveCount(
    of values: [Double], levels: [Double] = [0.9, 0.95]
  ) -> Int {
    guard values.count >= 40 else { return values.count }
    let ordered = OrderedValues(values)
    var inflation = 1.0
    for probability in levels {
      let level = ordered.quantile(probability)
      for blocks in [10, 20] {
        inflation = max(inflation, Self.inflation(of: values, above: level, blocks: blocks))
      }
    }
    return max(Int(Double(values.count) / inflation), 1)
  }

  private static func inflation(of values: [Double], above level: Double, blocks: Int) -> Double {
    let length = values.count / blocks
    let shares = (0..<blocks).map { block in
      let part = values[block * length..<(block + 1) * length]
      return Double(part.count { $0 > level }) / Double(length)
    }
    let mean = shares.reduce(0, +) / Double(blocks)
    guard mean > 0, mean < 1 else { return 1 }
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(blocks - 1)
    return variance * Double(length) / (mean * (1 - mean))
  }
}
