import Kubernetes
import Yams

/// Which value a YAML scalar stands for: the rules of YAML 1.1 as the Kubernetes tools apply
/// them. Times and base-60 numbers stay text.
enum ScalarResolver {
  static func value(of scalar: Node.Scalar) -> JSONValue {
    // The parser marks a quoted scalar, and one tagged !!str, as a string.
    scalar.style == .plain && scalar.tag.description != Tag.Name.str.rawValue
      ? value(ofPlain: scalar.string) : .string(scalar.string)
  }

  static func value(ofPlain text: String) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return .bool(true)
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return .bool(false)
    default: break
    }
    if let integer = integer(text) { return .integer(integer) }
    if let number = number(text) { return .number(number) }
    return .string(text)
  }

  private static func integer(_ text: String) -> Int? {
    let sign = text.first == "-" ? "-" : ""
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
    guard let first = digits.first, first.isASCII, first.isNumber else { return nil }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
      return Int(sign + digits.dropFirst(2), radix: radix)
    }
    if first == "0", digits.count > 1 { return Int(sign + digits, radix: 8) }
    return Int(sign + digits.filter { $0 != "_" })
  }

  private static func number(_ text: String) -> Double? {
    guard text.contains(where: { $0.isNumber }),
      text.allSatisfy({ ($0.isASCII && $0.isNumber) || "+-.eE".contains($0) }),
      let number = Double(text), number.isFinite
    else { return nil }
    return number
  }
}
