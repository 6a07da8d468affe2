/// What the logarithm of a metric is expected to be before it is measured here, up to a constant: what
/// earlier services showed, as far as they are trusted, and for the rest what is usual.
struct ExpectedMean: Sendable {
  private let usual: UsualTrend
  private let transferred: TransferredMean?
  /// Of earlier services, from 0 to 1.
  let trust: Double

  init(_ usual: UsualTrend, transferred: TransferredMean?) {
    self.usual = usual
    self.transferred = transferred
    trust = transferred?.trust ?? 0
  }

  /// At each point.
  func values(at points: Points) -> [Double] {
    let usual = usual.values(points.features).map { (1 - trust) * $0 }
    guard let transferred else { return usual }
    return zip(transferred.values(at: points.inputs), usual).map { $0 + $1 }
  }
}
