import Foundation

/// Embeddings in a cache on the GPU, the rest looked up by the CPU.
///
///     u = limit − context − m₀ − m₁ b                GiB of cache; can't start below u_min
///     hit = min(1, u / E)^z                          of tables of E GiB, popular ones first
///     r_cpu = 1000 cores^a / (c + d (1 − hit))
///     t = l + w b / speed,  r_gpu = 1000 b / t
///     p99 = tail (f · 1000 b / X + t + d (1 − hit) b^½ / cores^a + c)
struct RecommendationFormula: ServiceFormula {
  static let contextGiB = 0.4

  let tablesGiB, popularity, cacheMinGiB: Double
  let weightsGiB, itemGiB: Double
  let cpuMilliseconds, missMilliseconds, coreExponent: Double
  let launchMilliseconds, workMilliseconds: Double
  let sharpness, collecting, tail: Double
  let corePrice: Double

  init(_ draw: inout ConstantDraw) {
    tablesGiB = draw(8, 40)
    popularity = draw(0.2, 0.6)
    cacheMinGiB = draw(0.2, 1.5)
    weightsGiB = draw(0.3, 1.5)
    itemGiB = draw(0.01, 0.06)
    cpuMilliseconds = draw(0.4, 2)
    missMilliseconds = draw(3, 14)
    coreExponent = draw(0.75, 1)
    launchMilliseconds = draw(1, 6)
    workMilliseconds = draw(0.1, 0.8)
    sharpness = draw(3, 8)
    collecting = draw(0.3, 0.8)
    tail = draw(1.3, 2.4)
    corePrice = draw(0.03, 0.09)
  }

  func response(to setting: ServiceSetting) -> ServiceResponse? {
    let fixed = Self.contextGiB + weightsGiB + itemGiB * setting.batch
    let cache = setting.memory - fixed
    guard cache >= cacheMinGiB else { return nil }
    let missing = 1 - pow(min(1, cache / tablesGiB), popularity)
    let cpu = cpuMilliseconds + missMilliseconds * missing
    let speedup = pow(setting.cores, coreExponent)
    let batchTime = launchMilliseconds + workMilliseconds * setting.batch / setting.card.speed
    let throughput = softMinimum(
      [1_000 * speedup / cpu, 1_000 * setting.batch / batchTime], sharpness: sharpness)
    let latency =
      collecting * 1_000 * setting.batch / throughput + batchTime
      + missMilliseconds * missing * setting.batch.squareRoot() / speedup + cpuMilliseconds
    return ServiceResponse(
      throughput: throughput, latencyP99: tail * latency,
      memoryUsed: fixed + min(cache, tablesGiB),
      costPerHour: corePrice * setting.cores
        + setting.card.pricePerHour * setting.memory / setting.card.memoryGiB)
  }
}
