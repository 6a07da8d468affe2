import Foundation

/// A vision service on a part of a card: the law of `VisionFormula` with
///
///     limit = q · card memory,  speed = card speed · min(1, q / q₀)^g,  q = percent / 100
///
/// so that a percentage means another amount of memory on each type of card, and compute is bought
/// along with it up to a knee.
struct SharingFormula: ServiceFormula {
  let vision: VisionFormula
  let knee, computeExponent: Double

  init(_ draw: inout ConstantDraw) {
    vision = VisionFormula(&draw)
    knee = draw(0.2, 0.6)
    computeExponent = draw(0.3, 1)
  }

  func response(to setting: ServiceSetting) -> ServiceResponse? {
    let part = setting.memory / 100
    return vision.response(
      to: setting, limitGiB: part * setting.card.memoryGiB,
      speed: setting.card.speed * pow(min(1, part / knee), computeExponent), part: part)
  }
}
