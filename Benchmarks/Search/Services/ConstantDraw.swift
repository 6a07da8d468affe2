import Foundation
import Tuning

/// Draws the constants of one service.
struct ConstantDraw {
  private var generator: SeededGenerator

  init(seed: UInt64, stream: UInt64) { generator = SeededGenerator(seed: seed, stream: stream) }

  /// Log-uniform between two positive bounds.
  mutating func callAsFunction(_ low: Double, _ high: Double) -> Double {
    low * pow(high / low, generator.nextUnit())
  }

  /// True with the given probability.
  mutating func chance(_ probability: Double) -> Bool { generator.nextUnit() < probability }
}

/// (Σ rᵢ⁻ᵖ)^(−1/p): the least of some rates, rounded at the corner; sharper the greater p is.
func softMinimum(_ rates: [Double], sharpness: Double) -> Double {
  pow(rates.reduce(0) { $0 + pow($1, -sharpness) }, -1 / sharpness)
}
