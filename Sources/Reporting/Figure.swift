/// Numbers as a person reads them: three significant digits, the same in every locale.
package enum Figure {
  /// `0.0123`, `1.20`, `84.7`, `1230`, `1.23×10⁹`; whole numbers below 1000 without a fraction.
  package static func text(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    if value == 0 { return "0" }
    let (digits, exponent) = significant(value)
    let sign = value < 0 ? "−" : ""
    if exponent >= 6 || exponent < -4 {
      return sign + point(digits, after: 1) + "×10" + superscript(exponent)
    }
    if exponent >= 2 {
      return sign + digits + String(repeating: "0", count: exponent - 2)
    }
    let text =
      exponent >= 0
      ? point(digits, after: exponent + 1)
      : "0." + String(repeating: "0", count: -exponent - 1) + digits
    return sign + (value == value.rounded() ? String(text.prefix { $0 != "." }) : text)
  }

  /// As `text`, without zeros at the end of its fraction: `0.5`, `20`, `2×10⁶`, `10⁹`.
  package static func brief(_ value: Double) -> String {
    let parts = text(value).split(separator: "×", maxSplits: 1)
    guard let number = parts.first, number.contains(".") else { return text(value) }
    let kept = number.reversed().drop { $0 == "0" }.reversed()
    let mantissa = String(kept.last == "." ? kept.dropLast() : kept[...])
    guard parts.count == 2 else { return mantissa }
    return mantissa == "1" ? String(parts[1]) : mantissa + "×" + parts[1]
  }

  /// A number with exactly so many decimals.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    let scale = powerOfTen(decimals)
    guard abs(value) * scale < 1e15 else { return text(value) }
    let units = Int((abs(value) * scale).rounded())
    var digits = String(units)
    if digits.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits
    }
    let sign = value < 0 && units != 0 ? "−" : ""
    guard decimals > 0 else { return sign + digits }
    return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  /// A fraction as a percentage: `0.42 %`, `5.32 %`, `100 %`.
  package static func percent(_ fraction: Double) -> String { text(fraction * 100) + " %" }

  /// `8.4 s`, `12 min 31 s`, `1 h 02 min`.
  package static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "–" }
    if seconds < 60 { return fixed(seconds, decimals: seconds < 10 ? 1 : 0) + " s" }
    let whole = Int(seconds.rounded())
    let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    if whole < 3600 { return "\(whole / 60) min \(two(whole % 60)) s" }
    return "\(whole / 3600) h \(two(whole % 3600 / 60)) min"
  }

  /// `1 trial`, `3 trials`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  static func powerOfTen(_ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<abs(exponent) { result *= 10 }
    return exponent < 0 ? 1 / result : result
  }

  /// Three digits, and the power of ten of the first.
  private static func significant(_ value: Double) -> (digits: String, exponent: Int) {
    var exponent = 0
    var mantissa = abs(value)
    while mantissa >= 1e15 { (mantissa, exponent) = (mantissa / 1e12, exponent + 12) }
    while mantissa < 1e-12 { (mantissa, exponent) = (mantissa * 1e12, exponent - 12) }
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    let rounded = Int((mantissa * 100).rounded())
    return rounded == 1000 ? ("100", exponent + 1) : (String(rounded), exponent)
  }

  private static func point(_ digits: String, after count: Int) -> String {
    count >= digits.count ? digits : digits.prefix(count) + "." + digits.dropFirst(count)
  }

  private static func superscript(_ number: Int) -> String {
    let signs: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return String(String(number).map { signs[$0] ?? $0 })
  }
}
