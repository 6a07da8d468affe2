/// An amount as Kubernetes writes it: `500m`, `2`, `8Gi`, `1e3`.
///
/// Keeps its spelling, so that what a user wrote comes back unchanged, and compares by amount, so
/// that `1024Mi` equals `1Gi`. Grammar: Kubernetes API reference, *resource.Quantity*; negative
/// amounts are refused since no container resource has one.
package struct Quantity: Sendable {
  /// The text it was read from, or the canonical one.
  package let spelling: String
  /// The amount in billionths, the finest step that Kubernetes knows.
  package let billionths: Int128

  /// Reads a quantity, or says what is wrong with the text.
  package init(_ text: String) throws(QuantityError) {
    guard let billionths = Self.billionths(in: text) else { throw QuantityError(text: text) }
    self.spelling = text
    self.billionths = billionths
  }

  /// A whole number without a suffix.
  package init(whole number: Int) {
    self.spelling = String(number)
    self.billionths = Int128(number) * Self.billion
  }

  /// The amount as a floating-point number, in the base unit (cores, bytes or a count).
  package var amount: Double { Double(billionths) / Double(Self.billion) }

  /// Whether the spelling says that this is a number of bytes: it ends in `Ki`, `Mi`, `Gi`, ….
  package var isBinary: Bool { spelling.hasSuffix("i") }

  /// The quantity as a number of bytes, rounded up.
  package var bytes: ByteCount {
    ByteCount(Int64(clamping: (billionths + Self.billion - 1) / Self.billion))
  }

  private static let billion: Int128 = 1_000_000_000
}

extension Quantity: Hashable, Comparable {
  package static func == (left: Quantity, right: Quantity) -> Bool {
    left.billionths == right.billionths
  }
  package static func < (left: Quantity, right: Quantity) -> Bool {
    left.billionths < right.billionths
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(billionths) }
}

extension Quantity: CustomStringConvertible {
  package var description: String { spelling }
}

// MARK: - Grammar

extension Quantity {
  private static let multipliers: [String: Int128] = [
    "n": 1, "u": 1_000, "m": 1_000_000, "": billion,
    "k": billion * 1_000, "M": billion * 1_000_000, "G": billion * billion,
    "T": billion * billion * 1_000, "P": billion * billion * 1_000_000,
    "E": billion * billion * billion,
    "Ki": billion << 10, "Mi": billion << 20, "Gi": billion << 30,
    "Ti": billion << 40, "Pi": billion << 50, "Ei": billion << 60,
  ]

  /// `digits[.digits]` followed by a suffix or a decimal exponent; nil where the text is not that,
  /// is finer than a billionth, or is larger than 2⁶³ base units.
  private static func billionths(in text: String) -> Int128? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let suffix = String(text.dropFirst(number.count))
    let parts = number.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    let fraction = parts.count == 2 ? parts[1] : ""
    guard let mantissa = Int128(String(parts[0] + fraction)), number.count <= 30 else { return nil }
    guard let (multiplier, exponent) = scale(suffix: suffix) else { return nil }
    return amount(mantissa, times: multiplier, tenTo: exponent - fraction.count)
  }

  private static func scale(suffix: String) -> (multiplier: Int128, exponent: Int)? {
    if let multiplier = multipliers[suffix] { return (multiplier, 0) }
    guard let mark = suffix.first, mark == "e" || mark == "E",
      let exponent = Int(suffix.dropFirst()), abs(exponent) <= 18
    else { return nil }
    return (billion, exponent)
  }

  private static func amount(
    _ mantissa: Int128, times multiplier: Int128, tenTo exponent: Int
  ) -> Int128? {
    var (result, overflowed) = mantissa.multipliedReportingOverflow(by: multiplier)
    guard !overflowed else { return nil }
    for _ in 0..<max(exponent, 0) {
      (result, overflowed) = result.multipliedReportingOverflow(by: 10)
      if overflowed { return nil }
    }
    for _ in 0..<max(-exponent, 0) {
      let (quotient, remainder) = result.quotientAndRemainder(dividingBy: 10)
      guard remainder == 0 else { return nil }
      result = quotient
    }
    return result <= Int128(Int64.max) * billion ? result : nil
  }
}

/// A text that is no quantity.
package struct QuantityError: Error, Equatable, CustomStringConvertible {
  package let text: String
  package init(text: String) { self.text = text }
  package var description: String {
    "\"\(text)\" is not a quantity; write it like 8Gi or 500m"
  }
}
