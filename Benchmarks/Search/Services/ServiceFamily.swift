/// Kinds of services, told apart by what limits them.
///
/// Every family has a formula of its own (`response(to:)` of the type named after it); its constants
/// are drawn, log-uniformly, for each service. What they have in common:
///
///     X = (Σᵢ rᵢ⁻ᵖ)^(−1/p)         throughput, a soft minimum of the rates of all stages, so that
///                                  the plateau moves from one bottleneck to another
///     r_cpu = 1000 cores^a / c     c milliseconds of CPU a request, on cores that help less and less
///     out of memory                where weights, a context, and what a batch needs exceed the limit
///     latency grows with the batch, which has to be collected, and falls with faster stages
///     objective                    X / cost, cost = cores and the part of the card that is taken
///
/// These are textbook relations (bottleneck law, Amdahl-like scaling, batch cost = launch + work),
/// fitted to no table.
enum ServiceFamily: String, CaseIterable {
  /// Images are decoded on the CPU and classified in batches.
  case vision
  /// Tokens are generated one after another; memory holds the state of the sequences in flight.
  case language
  /// Embeddings are cached on the GPU; what isn't there is looked up by the CPU.
  case recommendation
  /// A percentage of a card, of its memory and of its compute.
  case sharing

  var memoryName: String { self == .sharing ? "gpu_memory_percent" : "gpu_memory_gib" }

  var memoryLevels: [Double] {
    switch self {
    case .vision: [2, 3, 4, 6, 8, 12]
    case .language: [8, 12, 16, 20, 24, 32]
    case .recommendation: [2, 4, 6, 8, 12, 16]
    case .sharing: [5, 10, 20, 30, 40, 50]
    }
  }

  static let coreLevels: [Double] = [1, 2, 3, 4, 5]
  static let batchLevels: [Double] = [1, 2, 4, 8, 16, 32, 64, 128]

  func formula(_ draw: inout ConstantDraw) -> any ServiceFormula {
    switch self {
    case .vision: VisionFormula(&draw)
    case .language: LanguageFormula(&draw)
    case .recommendation: RecommendationFormula(&draw)
    case .sharing: SharingFormula(&draw)
    }
  }

  /// Three types of a card each, from slow and cheap to fast and dear; how much faster and dearer is
  /// drawn, so that now this one pays, now that one.
  func cards(_ draw: inout ConstantDraw) -> [Card] {
    let memory: [Double] = self == .sharing ? [16, 24, 40] : [32, 40, 48]
    var speed = 1.0
    var bandwidth = 1.0
    var price = draw(0.3, 0.6)
    return zip(["t4", "a10", "a100"], memory).map { name, memoryGiB in
      defer {
        let gain = draw(1.4, 2.6)
        speed *= gain
        bandwidth *= draw(1.3, 2.4)
        price *= gain * draw(0.75, 1.3)
      }
      return Card(
        name: name, speed: speed, bandwidth: bandwidth, memoryGiB: memoryGiB, pricePerHour: price)
    }
  }
}

/// The law by which a service answers a setting; nil where it can't start.
protocol ServiceFormula {
  func response(to setting: ServiceSetting) -> ServiceResponse?
}
