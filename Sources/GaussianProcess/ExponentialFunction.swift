/// exp(−s), without a branch or a call.
///
/// −s = k log 2 + r with |r| ≤ ½ log 2 (W. J. Cody, W. Waite, *Software Manual for the Elementary
/// Functions*, 1980, chapter 6), and exp(r) by its Taylor polynomial of degree 12, whose remainder
/// is below 2⁻⁵². The result is within 4 units in the last place for 0 ≤ s ≤ 708, and exp(−708),
/// which is next to nothing, beyond.
@inline(__always)
package func exponential(ofMinus s: Lanes) -> Lanes {
  let x = -s.replacing(with: 708, where: s .> 708)
  // Adding 1.5 · 2⁵² leaves the nearest whole number in the lowest bits.
  let shifted = x * 1.442_695_040_888_963_4 + 0x1.8p52
  let k = shifted - 0x1.8p52
  let r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33
  var power = Lanes(repeating: 1.0 / 479_001_600)
  power = power * r + 1.0 / 39_916_800
  power = power * r + 1.0 / 3_628_800
  power = power * r + 1.0 / 362_880
  power = power * r + 1.0 / 40_320
  power = power * r + 1.0 / 5_040
  power = power * r + 1.0 / 720
  power = power * r + 1.0 / 120
  power = power * r + 1.0 / 24
  power = power * r + 1.0 / 6
  power = power * r + 0.5
  power = power * r + 1
  power = power * r + 1
  let exponent = unsafeBitCast(shifted, to: SIMD4<UInt64>.self) &<< 52
  return unsafeBitCast(
    unsafeBitCast(power, to: SIMD4<UInt64>.self) &+ exponent, to: Lanes.self)
}
