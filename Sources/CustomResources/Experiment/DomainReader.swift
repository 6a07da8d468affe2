import Kubernetes
import Tuning

/// Reads `feasibleSpace` as a domain. Amounts may be numbers or strings; what the user wrote in a
/// list is what comes back.
struct DomainReader {
  enum ParameterType: String, CaseIterable {
    case double, int, discrete, categorical
  }
  enum Values { case amounts, settings, wholeNumbers }

  let type: ParameterType
  let values: Values
  let scale: Domain.Scale?

  func read(_ space: Field) -> Domain? {
    guard space.exists else {
      return space.mismatch(needsRange ? "min, max and step are needed" : "a list is needed")
    }
    guard space.isMapping(of: ["min", "max", "step", "list"]) else { return nil }
    if space["list"].exists { return list(space["list"]) }
    if needsRange { return range(space) }
    for bound in ["min", "max", "step"] where space[bound].exists {
      space.error("\(bound) with parameterType \(type.rawValue)", needed: "give a list instead")
      return nil
    }
    return space["list"].mismatch("a list of values is needed")
  }

  private var needsRange: Bool { type == .int || type == .double }

  // MARK: A list

  private func list(_ list: Field) -> Domain? {
    let elements = list.elements
    let texts = elements.compactMap(\.text)
    guard texts.count == elements.count, list.value?.array != nil else { return nil }
    if values == .amounts {
      let quantities = elements.compactMap(\.quantity)
      guard quantities.count == elements.count else { return nil }
      return reporting(at: list) { () throws(DomainError) in
        try Domain(quantities: quantities, scale: scale)
      }
    }
    if values == .wholeNumbers {
      let integers = elements.compactMap { $0.integer(in: 1...Int.max) }
      guard integers.count == elements.count else { return nil }
      return reporting(at: list) { () throws(DomainError) in
        try Domain(integers: integers, scale: scale)
      }
    }
    return reporting(at: list) { () throws(DomainError) in try domain(ofSettings: texts) }
  }

  /// Whole numbers, decimals, sizes in bytes, or else names.
  private func domain(ofSettings texts: [String]) throws(DomainError) -> Domain {
    guard type != .categorical, !texts.isEmpty else { return try Domain(choices: texts) }
    let integers = texts.compactMap { text in Int(text).flatMap { String($0) == text ? $0 : nil } }
    if integers.count == texts.count, type != .double {
      return try Domain(integers: integers, scale: scale)
    }
    let numbers = texts.compactMap(DecimalText.number)
    let quantities = texts.compactMap { try? Quantity($0) }
    let areQuantities = quantities.count == texts.count
    if numbers.count == texts.count {
      // 0.20 would come back as 0.2; a quantity keeps its spelling.
      let keepSpelling = zip(numbers, texts).allSatisfy { Level.number($0).text == $1 }
      return keepSpelling || !areQuantities
        ? try Domain(numbers: numbers, scale: scale)
        : try Domain(quantities: quantities, scale: scale)
    }
    if areQuantities, quantities.allSatisfy(\.isBinary) {
      return try Domain(quantities: quantities, scale: scale)
    }
    return try Domain(choices: texts)
  }

  // MARK: A range

  private func range(_ space: Field) -> Domain? {
    let isWhole = values != .amounts && (type == .int || values == .wholeNumbers)
    let bounds = ["min", "max"].map { bound(space[$0]) }
    let step = isWhole && !space["step"].exists ? try? Quantity("1") : bound(space["step"])
    guard let low = bounds[0], let high = bounds[1], let step else { return nil }
    guard low <= high else {
      space["max"].error(
        "max \(high) is below min \(low)", needed: "give a max that is at least min")
      return nil
    }
    guard step.billionths > 0 else {
      space["step"].error("step is \(step)", needed: "it must be above zero")
      return nil
    }
    let count = (high.billionths - low.billionths) / step.billionths + 1
    guard count <= Int128(Domain.levelsMax) else {
      space["step"].error(DomainError.tooManyLevels(count: Int(clamping: count)))
      return nil
    }
    let steps = (0..<Int(count)).map { low.billionths + Int128($0) * step.billionths }
    return reporting(at: space) { () throws(DomainError) in
      try domain(enumerating: steps, spelledLike: [low, high, step])
    }
  }

  private func bound(_ field: Field) -> Quantity? {
    guard let text = field.text else {
      return field.exists ? nil : field.mismatch("a number is needed")
    }
    switch (values, type) {
    case (.amounts, .double): return field.quantity
    case (.amounts, _):
      guard let quantity = field.quantity else { return nil }
      guard quantity.billionths % 1_000_000_000 == 0 else {
        return field.mismatch("a whole amount is needed with parameterType int, else use double")
      }
      return quantity
    case (_, .int), (.wholeNumbers, _):
      guard let integer = Int(text), integer >= 0 else {
        return field.mismatch("a whole number from 0 up is needed")
      }
      return Quantity(whole: integer)
    default:
      guard DecimalText.number(text) != nil, let quantity = try? Quantity(text) else {
        return field.mismatch("a decimal number from 0 up is needed")
      }
      return quantity
    }
  }

  private func domain(
    enumerating steps: [Int128], spelledLike bounds: [Quantity]
  ) throws(DomainError) -> Domain {
    switch (values, type) {
    case (.amounts, _):
      let quantities = steps.compactMap { try? Quantity(DecimalText.amount($0, like: bounds)) }
      return try Domain(quantities: quantities, scale: scale)
    case (_, .int), (.wholeNumbers, _):
      let integers = steps.map { Int(clamping: $0 / 1_000_000_000) }
      return try Domain(integers: integers, scale: scale)
    default:
      let numbers = steps.compactMap { Double(DecimalText.decimal($0)) }
      return try Domain(numbers: numbers, scale: scale)
    }
  }

  private func reporting(
    at field: Field, _ make: () throws(DomainError) -> Domain
  ) -> Domain? {
    do {
      return try make()
    } catch {
      field.error(error)
      return nil
    }
  }
}

extension Field {
  /// Reports why values make no domain.
  func error(_ problem: DomainError) { error(problem.description, needed: nil) }
}
