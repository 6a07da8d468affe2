import Foundation
import Tuning

/// Numbers for people who look at a column: six digits that count.
enum ShortNumber {
  static func text(_ number: Double) -> String {
    guard number.isFinite, number != 0 else { return Level.number(number).text }
    let digits = 5 - Int(log10(abs(number)).rounded(.down))
    let scale = pow(10, Double(min(max(digits, -12), 12)))
    return Level.number((number * scale).rounded() / scale).text
  }
}
