import Foundation

/// Decoding on the CPU, then batches on the GPU.
///
///     M = m₀ + m₁ b                             GiB; can't start where M + context > limit
///     s = min((limit − context − m₀) / (m₁ b), s_max)   batches in flight that fit
///     t = (l + w b^β) / speed                   milliseconds of a batch
///     r_gpu = 1000 b s^o / t,  r_copy = 1000 / k
///     p99 = tail (f · 1000 b / X + t s^(1−o) + c / cores^(a/2))
struct VisionFormula: ServiceFormula {
  static let contextGiB = 0.4

  let cpuMilliseconds, coreExponent: Double
  let launchMilliseconds, workMilliseconds, batchExponent: Double
  let copyMilliseconds: Double
  let weightsGiB, itemGiB: Double
  let streamsMax, overlapExponent: Double
  let sharpness, collecting, tail: Double
  let corePrice: Double

  init(_ draw: inout ConstantDraw) {
    cpuMilliseconds = draw(3, 16)
    coreExponent = draw(0.75, 1)
    launchMilliseconds = draw(2, 12)
    workMilliseconds = draw(0.8, 6)
    batchExponent = draw(0.7, 0.97)
    copyMilliseconds = draw(0.1, 0.6)
    weightsGiB = draw(0.4, 2.2)
    itemGiB = draw(0.015, 0.12)
    streamsMax = draw(2, 5)
    overlapExponent = draw(0.15, 0.5)
    sharpness = draw(3, 9)
    collecting = draw(0.3, 0.8)
    tail = draw(1.3, 2.4)
    corePrice = draw(0.03, 0.09)
  }

  func response(to setting: ServiceSetting) -> ServiceResponse? {
    response(
      to: setting, limitGiB: setting.memory, speed: setting.card.speed,
      part: setting.memory / setting.card.memoryGiB)
  }

  /// - Parameter part: of the card, that is paid for.
  func response(
    to setting: ServiceSetting, limitGiB: Double, speed: Double, part: Double
  ) -> ServiceResponse? {
    let used = weightsGiB + itemGiB * setting.batch + Self.contextGiB
    guard used <= limitGiB else { return nil }
    let room = (limitGiB - Self.contextGiB - weightsGiB) / (itemGiB * setting.batch)
    let streams = min(room, streamsMax)
    let batchTime =
      (launchMilliseconds + workMilliseconds * pow(setting.batch, batchExponent)) / speed
    let throughput = softMinimum(
      [
        1_000 * pow(setting.cores, coreExponent) / cpuMilliseconds,
        1_000 * setting.batch * pow(streams, overlapExponent) / batchTime,
        1_000 / copyMilliseconds,
      ], sharpness: sharpness)
    let latency =
      collecting * 1_000 * setting.batch / throughput
      + batchTime * pow(streams, 1 - overlapExponent)
      + cpuMilliseconds / pow(setting.cores, coreExponent / 2)
    return ServiceResponse(
      throughput: throughput, latencyP99: tail * latency,
      memoryUsed: used + (streams - 1) * itemGiB * setting.batch,
      costPerHour: corePrice * setting.cores + setting.card.pricePerHour * part)
  }
}
