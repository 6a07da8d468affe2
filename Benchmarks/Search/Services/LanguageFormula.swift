import Foundation

/// Tokens one after another, for several sequences at a time.
///
///     n = softmin(b, (limit − context − W) / v)     sequences in flight, v GiB each
///     can't start where W + context + ρ v b > limit  a part ρ of the state is reserved
///     t = R / bandwidth + n w / speed + h / √cores   milliseconds of a step
///     r_gpu = 1000 n / (T t)                         T tokens a request
///     p99 = tail (T t + 1000 (b − n) / X)            sequences beyond n wait
struct LanguageFormula: ServiceFormula {
  static let contextGiB = 0.8

  let weightsGiB, sequenceGiB, reserved: Double
  let readMilliseconds, workMilliseconds, hostMilliseconds: Double
  let tokens: Double
  let cpuMilliseconds, coreExponent: Double
  let sharpness, tail: Double
  let corePrice: Double

  init(_ draw: inout ConstantDraw) {
    weightsGiB = draw(5, 13)
    sequenceGiB = draw(0.06, 0.5)
    reserved = draw(0.25, 0.7)
    readMilliseconds = draw(8, 30)
    workMilliseconds = draw(0.15, 1.2)
    hostMilliseconds = draw(1.5, 12)
    tokens = draw(20, 90)
    cpuMilliseconds = draw(30, 250)
    coreExponent = draw(0.7, 1)
    sharpness = draw(3, 8)
    tail = draw(1.2, 2)
    corePrice = draw(0.03, 0.09)
  }

  func response(to setting: ServiceSetting) -> ServiceResponse? {
    let fixed = weightsGiB + Self.contextGiB
    guard fixed + reserved * sequenceGiB * setting.batch <= setting.memory,
      fixed + sequenceGiB <= setting.memory
    else { return nil }
    let flying = softMinimum(
      [setting.batch, (setting.memory - fixed) / sequenceGiB], sharpness: 6)
    let step =
      readMilliseconds / setting.card.bandwidth + flying * workMilliseconds / setting.card.speed
      + hostMilliseconds / setting.cores.squareRoot()
    let throughput = softMinimum(
      [
        1_000 * flying / (tokens * step),
        1_000 * pow(setting.cores, coreExponent) / cpuMilliseconds,
      ], sharpness: sharpness)
    let latency = tokens * step + 1_000 * (setting.batch - flying) / throughput
    return ServiceResponse(
      throughput: throughput, latencyP99: tail * latency,
      memoryUsed: fixed + sequenceGiB * flying,
      costPerHour: corePrice * setting.cores
        + setting.card.pricePerHour * setting.memory / setting.card.memoryGiB)
  }
}
