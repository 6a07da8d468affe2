import Glibc

/// The share of requests that exceed a bound as a function of the rate, where it is what the bound
/// allows at the edge; see `EdgePosterior`.
struct ExceedanceCurve {
  private enum Shape {
    case headroom(ceiling: Double, atEdge: Double, bend: Double)
    case logistic(slope: Double)
  }

  /// The logarithm of how likely it is beforehand.
  let logWeight: Double
  private let edge: Double
  /// The share that exceeds the bound at any load.
  private let fixed: Double
  /// The logarithm of the rest of what is allowed; of its odds where it is logistic.
  private let logAtEdge: Double
  private let shape: Shape

  /// How much of what a bound allows exceeds it at any load, such as by long services, and how
  /// likely that is beforehand.
  static let floors: [(part: Double, weight: Double)] = [(0, 0.5), (0.3, 0.25), (0.65, 0.25)]

  /// Exponents of the headroom, and how likely they are beforehand: 1 in M/M/1; from 0.85 to 1.3 in
  /// queues of several workers, of batches and of deterministic service.
  private static let bends: [(exponent: Double, weight: Double)] = [
    (0.8, 0.25), (1.05, 0.5), (1.3, 0.25),
  ]

  /// Of the logarithm of the room above the edge, as a share of the edge: mostly from 0.1 to 3.
  private static let roomMiddle = -0.3
  private static let roomSpread = 1.6

  /// Queues whose share is 1 at their capacity.
  ///
  /// - Parameter capacities: logarithms of rates, rising, and of how likely each is.
  static func queues(
    allowed: Double, edge: Double,
    capacities: [(logarithm: Double, logLikelihood: Double)]
  ) -> [ExceedanceCurve] {
    let (rates, logWeight) = likelyCapacities(of: edge, capacities)
    return rates.flatMap { capacity in
      floors.flatMap { floor in
        let fixed = floor.part * allowed
        return bends.map { bend in
          // The rest reaches what is left of the allowed share at the edge.
          ExceedanceCurve(
            logWeight: logWeight + log(floor.weight * bend.weight), edge: edge, fixed: fixed,
            logAtEdge: log((allowed - fixed) / (1 - fixed)),
            shape: .headroom(ceiling: capacity, atEdge: capacity - edge, bend: bend.exponent))
        }
      }
    }
  }

  /// As many capacities above an edge as stand for equal parts of the probability, and the logarithm
  /// of each part.
  private static func likelyCapacities(
    of edge: Double, _ capacities: [(logarithm: Double, logLikelihood: Double)]
  ) -> (rates: [Double], logWeight: Double) {
    let possible = capacities.filter { $0.logarithm > log(edge) + 0.01 }
    let logarithms = possible.map { capacity in
      let room = exp(capacity.logarithm) - edge
      let deviate = (log(room / edge) - roomMiddle) / roomSpread
      // The density of the room's logarithm, as one of the capacity's.
      return capacity.logLikelihood - deviate * deviate / 2 + capacity.logarithm - log(room)
    }
    guard let greatest = logarithms.max() else { return ([], 0) }
    let weights = logarithms.map { exp($0 - greatest) }
    let part = weights.reduce(0, +) / Double(capacitiesMax)
    var (rates, passed) = ([Double](), 0.0)
    for (capacity, weight) in zip(possible, weights) {
      while rates.count < capacitiesMax, passed + weight > part * (Double(rates.count) + 0.5) {
        let within = (part * (Double(rates.count) + 0.5) - passed) / weight - 0.5
        rates.append(exp(capacity.logarithm + 0.02 * within))
      }
      passed += weight
    }
    return (rates, greatest + log(part))
  }

  private static let capacitiesMax = 7

  /// What doesn't come of queueing: its odds grow like a power of the rate, of which only the order
  /// of magnitude is believed.
  static func powers(allowed: Double, edge: Double) -> [ExceedanceCurve] {
    floors.flatMap { floor in
      let fixed = floor.part * allowed
      let atEdge = (allowed - fixed) / (1 - fixed)
      return stride(from: -3.0, through: 2, by: 0.5).map { deviate in
        ExceedanceCurve(
          logWeight: log(floor.weight) - deviate * deviate / 2, edge: edge, fixed: fixed,
          logAtEdge: log(atEdge / (1 - atEdge)), shape: .logistic(slope: exp(2.2 + 0.9 * deviate)))
      }
    }
  }

  /// The logarithm of the share.
  func logShare(at rate: Double) -> Double {
    let rest: Double
    switch shape {
    case .headroom(let ceiling, let atEdge, let bend):
      guard rate < ceiling else { return -1e-12 }
      rest = logAtEdge * pow((ceiling - rate) / atEdge, bend)
    case .logistic(let slope):
      rest = -log1p(exp(min(-logAtEdge - slope * log(rate / edge), 300)))
    }
    return min(fixed > 0 ? log(fixed + (1 - fixed) * exp(rest)) : rest, -1e-12)
  }
}
