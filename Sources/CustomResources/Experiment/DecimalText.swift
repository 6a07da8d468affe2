import Tuning

/// Exact decimal numbers, as billionths: 0.1 + 0.2 is 0.3.
enum DecimalText {
  /// A finite number written in digits; `inf`, `nan` and hexadecimal are no such thing.
  static func number(_ text: String) -> Double? {
    guard text.allSatisfy({ ($0.isASCII && $0.isNumber) || "+-.eE".contains($0) }),
      let number = Double(text), number.isFinite
    else { return nil }
    return number
  }

  /// `1250000000` → `1.25`.
  static func decimal(_ billionths: Int128) -> String {
    let (whole, rest) = billionths.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard rest > 0 else { return String(whole) }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return "\(whole).\(fraction)"
  }

  /// The amount with the suffix that suits it, if those which the user wrote have any.
  static func amount(_ billionths: Int128, like bounds: [Quantity]) -> String {
    let billion: Int128 = 1_000_000_000
    if bounds.contains(where: \.isBinary), billionths > 0 {
      for (suffix, shift) in [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)]
      where billionths % (billion << Int128(shift)) == 0 {
        return "\(billionths / (billion << Int128(shift)))\(suffix)"
      }
    }
    let haveSuffix = bounds.contains { $0.spelling.contains { $0.isLetter } }
    guard haveSuffix, billionths % billion != 0, billionths % 1_000_000 == 0 else {
      return decimal(billionths)
    }
    return "\(billionths / 1_000_000)m"
  }
}
