import Foundation
import Tuning

/// Lines that no honest driver sends, or almost none: made of valid ones by a seeded generator.
struct HostileLines {
  private var generator: SeededGenerator
  private let valid: [String]

  init(seed: UInt64, from valid: [String]) {
    generator = SeededGenerator(seed: seed)
    self.valid = valid
  }

  mutating func next() -> [UInt8] {
    let line = Array(pick(valid).utf8)
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: return (0..<Int.random(in: 0...80, using: &generator)).map { _ in byte() }
    case 1: return Array(line.prefix(Int.random(in: 0...line.count, using: &generator)))
    case 2: return flipped(line)
    case 3: return spliced(line, Array(pick(valid).utf8))
    case 4: return replacing(line, oneOf: Self.numbers, with: Self.hostileNumbers)
    case 5: return replacing(line, oneOf: Self.texts, with: Self.hostileTexts)
    case 6: return replacing(line, oneOf: Self.members, with: Self.hostileMembers)
    case 7: return nested()
    case 8: return Array(pick(Self.messages).utf8)
    default: return line.map { $0 == 0x20 ? pick([0x09, 0x20, 0x0B, 0x00, 0xA0]) : $0 }
    }
  }

  private static let numbers = [
    "0.25", "0.5", "50", "12", "7", "24", "100.5", "0.03", "1", "2", "8",
  ]
  private static let hostileNumbers = [
    "1e999", "-1e999", "1e308", "-1e308", "5e-324", "-0", "0", "-1", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "1e-400", "00", "1.", ".5", "+1", "0x10", "1e",
    "NaN", "Infinity", "null", "true", "\"1\"", "[1]", "{}", "1e15",
    "123456789012345678901234567890",
  ]
  private static let texts = [
    "batch", "share", "gpu", "T4", "V100", "ordinal", "log", "linear", "categorical", "init", "ask",
    "tell", "knobs", "metrics", "throughput_rps / share", "throughput_rps", "latency_p99_ms", "oom",
  ]
  private static let hostileTexts = [
    "", " ", "\\u0000", "\\ud800", "\\udfff\\ud800", "é", "🦔", "../../etc/passwd", "%s%n", "$(id)",
    "a/0", "throughput_rps ** throughput_rps ** 999", "((((throughput_rps", "1/0", "log(0-1)",
    "minimum(throughput_rps)", "throughput_rps + ", "sqrt(throughput_rps - 1e308)", "0 / 0",
    String(repeating: "(", count: 3_000), String(repeating: "-", count: 3_000) + "1",
    String(repeating: "x", count: 20_000), "constructor", "__proto__", "objective", "cost",
  ]
  private static let members = [
    "\"metrics\": {", "\"knobs\": {", "\"values\": [", "\"full_product\": true", "\"seed\": 7",
    "\"constraint\": {", "\"oom\": false", "\"feasible\": true", "\"budget\": 12",
  ]
  private static let hostileMembers = [
    "\"metrics\": {\"throughput_rps\": 1e300, ", "\"knobs\": [", "\"values\": [], \"x\": [",
    "\"values\": [1, 1, ", "\"full_product\": false", "\"full_product\": 3", "\"seed\": -1",
    "\"seed\": 1e30", "\"constraint\": [{", "\"constraints\": [], \"constraint\": {",
    "\"oom\": null",
    "\"oom\": 1", "\"budget\": 0", "\"budget\": 1000000000000", "\"tell\": [{}], \"knobs\": {",
    "\"grid_csv\": \"/dev/zero\", \"full_product\": false", "\"prior\": \"/\", \"seed\": 7",
  ]
  private static let messages = [
    "", " ", "null", "[]", "{}", "\"ask\"", "{\"ask\": 1} {\"ask\": 1}", "{\"ask\": 10001}",
    "{\"ask\": -1}", "{\"ask\": 1.5}", "{\"ask\": null}", "{\"recommend\": false}",
    "{\"recommend\": {}}",
    "{\"tell\": null}", "{\"tell\": [null]}", "{\"tell\": [[]]}", "{\"tell\": [{\"knobs\": null}]}",
    "{\"tell\": []}", "{\"init\": null}", "{\"init\": []}", "{\"init\": {\"knobs\": {}}}",
    "\u{FEFF}{}",
    "{\"init\": {\"knobs\": [{\"name\": \"a\", \"kind\": \"ordinal\", \"values\": [1, 2, 1e999]}]}}",
    "{\"ask\": 1, \"ask\": \"x\"}", "{\"\": 1}", "{\"ask\\u0000\": 1}",
  ]

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &generator)]
  }

  private mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &generator) }

  private mutating func flipped(_ line: [UInt8]) -> [UInt8] {
    var line = line
    for _ in 0..<Int.random(in: 1...6, using: &generator) {
      line[Int.random(in: 0..<line.count, using: &generator)] = byte()
    }
    return line
  }

  private mutating func spliced(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    Array(first.prefix(Int.random(in: 0...first.count, using: &generator)))
      + Array(second.suffix(Int.random(in: 0...second.count, using: &generator)))
  }

  private mutating func replacing(
    _ line: [UInt8], oneOf wanted: [String], with hostile: [String]
  ) -> [UInt8] {
    let text = String(decoding: line, as: UTF8.self)
    let found = wanted.filter { text.contains($0) }
    guard !found.isEmpty, let range = text.range(of: pick(found)) else { return nested() }
    return Array(text.replacingCharacters(in: range, with: pick(hostile)).utf8)
  }

  private mutating func nested() -> [UInt8] {
    let depth = Int.random(in: 1...3_000, using: &generator)
    let opening = pick(["[", "{\"tell\":[", "{\"init\":", "{\"a\":"])
    return Array(String(repeating: opening, count: depth).utf8)
  }
}
