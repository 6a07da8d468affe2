import Kubernetes
import Tuning

/// A field of a document while it is read: its place, its value if it has one, and where to
/// report what is wrong with it. A `null` is no value, as in Kubernetes.
struct Field {
  let document: Document
  let pointer: JSONPointer
  let log: ProblemLog

  init(_ document: Document, at pointer: JSONPointer = .root, log: ProblemLog) {
    self.document = document
    self.pointer = pointer
    self.log = log
  }

  var value: JSONValue? {
    let value = document.value[pointer]
    return value == .null ? nil : value
  }
  var exists: Bool { value != nil }

  subscript(key: String) -> Field {
    Field(document, at: pointer.appending(key), log: log)
  }
  subscript(index: Int) -> Field {
    Field(document, at: pointer.appending(index), log: log)
  }

  // MARK: Problems

  func error(_ found: String, needed: String?) { report(.error, found, needed) }
  func warn(_ found: String, needed: String?) { report(.warning, found, needed) }

  private func report(_ severity: Problem.Severity, _ found: String, _ needed: String?) {
    log.append(
      Problem(severity, at: document.location(of: pointer), found: found, needed: needed))
  }

  /// Nil, and an error that names what was found instead.
  func mismatch<Value>(_ needed: String) -> Value? {
    error(value?.summary ?? "nothing", needed: needed)
    return nil
  }

  // MARK: Reading; nil without a report where nothing is there

  /// Whether this is a mapping; fields of it that nobody knows are warned of.
  @discardableResult
  func isMapping(of known: [String]) -> Bool {
    guard let value else { return false }
    guard let object = value.object else {
      let _: Bool? = mismatch("a mapping with \(known.joined(separator: ", ")) is needed")
      return false
    }
    for key in object.keys where !known.contains(key) {
      self[key].warn("unknown field", needed: Spelling.hint(key, among: known))
    }
    return true
  }

  var elements: [Field] {
    guard let value else { return [] }
    guard let array = value.array else {
      let _: Bool? = mismatch("a list is needed")
      return []
    }
    return array.indices.map { self[$0] }
  }

  /// A string, or a number or truth value as text.
  var text: String? {
    guard let value else { return nil }
    return value.scalarText ?? mismatch("a text is needed")
  }

  func integer(in range: ClosedRange<Int>) -> Int? {
    guard let text else { return nil }
    guard let integer = Int(text), range.contains(integer) else {
      let bounds =
        range.upperBound == .max
        ? "from \(range.lowerBound) up" : "from \(range.lowerBound) to \(range.upperBound)"
      return mismatch("a whole number \(bounds) is needed")
    }
    return integer
  }

  func number(_ needed: String = "a number from 0 up is needed") -> Double? {
    guard let text else { return nil }
    guard let number = Double(text), number.isFinite, number >= 0 else { return mismatch(needed) }
    return number
  }

  /// A word of a fixed list, whatever its case.
  func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Word?
  where Word.RawValue == String {
    guard let text else { return nil }
    if let word = Word.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) {
      return word
    }
    let known = Word.allCases.map(\.rawValue)
    let what = pointer.tokens.last ?? "word"
    error("unknown \(what) \"\(text)\"", needed: Spelling.hint(text, among: known))
    return nil
  }

  var quantity: Quantity? {
    guard let text else { return nil }
    do {
      return try Quantity(text)
    } catch {
      self.error("\"\(text)\" is not a quantity", needed: Self.quantityHint(text))
      return nil
    }
  }

  /// How the amount would be written: `8GB` → `8G or 8Gi`.
  private static func quantityHint(_ text: String) -> String {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let rest = text.dropFirst(digits.count).lowercased().filter { $0 != " " }
    let prefixes: [String: String] = ["kb": "k", "mb": "M", "gb": "G", "tb": "T"]
    let binary: [String: String] = ["kib": "Ki", "mib": "Mi", "gib": "Gi", "tib": "Ti"]
    if let unit = prefixes[rest] {
      return "write \(digits)\(unit == "k" ? "K" : unit)i (or \(digits)\(unit))"
    }
    if let unit = binary[rest] { return "write \(digits)\(unit)" }
    return "write it like 8Gi or 500m"
  }

  /// A duration such as `200ms`; a bare number counts in `unit`.
  func duration(bare unit: Duration, atLeast least: Duration = .zero) -> Duration? {
    guard let text else { return nil }
    guard let duration = DurationText.duration(text, bare: unit), duration >= least else {
      let above = least > .zero ? " above 0" : ""
      return mismatch("a duration\(above) like 2s or 500ms is needed")
    }
    return duration
  }

  /// A share such as `20%` or `0.2`.
  var share: Share? {
    guard let text else { return nil }
    return ShareText.share(text) ?? mismatch("a share from 0 to 1, or 0% to 100%, is needed")
  }
}
