import Kubernetes
import Tuning

/// Reads `cost`: a price for each resource or parameter, and what the rest costs.
struct CostReader {
  let parameters: [Parameter]
  /// Names of parameters that could not be read, which is reported there.
  let unreadable: [String]
  let container: Container?

  /// Nil where nothing has a price.
  func read(_ list: Field) -> Cost? {
    var fixed = 0.0
    var prices: [ParameterName: Cost.Price] = [:]
    for entry in list.elements {
      guard entry.isMapping(of: ["resource", "parameter", "pricePerHour", "per", "prices", "base"])
      else { continue }
      if entry["base"].exists {
        fixed += entry["base"].number() ?? 0
        continue
      }
      let key = entry["resource"].exists ? "resource" : "parameter"
      guard let name = entry[key].text else {
        if !entry[key].exists {
          entry.error("nothing that has a price", needed: "give resource, parameter or base")
        }
        continue
      }
      guard let parameter = parameter(name, isResource: key == "resource") else {
        fixed += priceOfUntuned(name, key: key, entry) ?? 0
        continue
      }
      guard prices[parameter.name] == nil else {
        entry[key].error("\"\(name)\" has two prices", needed: "give one")
        continue
      }
      prices[parameter.name] = price(of: parameter, entry)
    }
    return prices.isEmpty && fixed == 0 ? nil : Cost(fixed: fixed, prices: prices)
  }

  private func parameter(_ name: String, isResource: Bool) -> Parameter? {
    if isResource, let match = parameters.first(where: { $0.target == .resource(name: name) }) {
      return match
    }
    return isResource ? nil : parameters.first { $0.name.text == name }
  }

  private func price(of parameter: Parameter, _ entry: Field) -> Cost.Price? {
    if entry["prices"].exists { return choicePrices(parameter, entry["prices"]) }
    guard parameter.domain.isOrdinal else {
      entry.error(
        "one price for \(parameter.name), whose values have no order",
        needed: "give prices, one for each value")
      return nil
    }
    return perUnit(entry, isInBytes: Self.isInBytes(parameter.domain.levels), parameter.domain)
      .map(Cost.Price.perUnit)
  }

  private func choicePrices(_ parameter: Parameter, _ field: Field) -> Cost.Price? {
    guard let object = field.value?.object else {
      return field.mismatch("a mapping of values to prices is needed")
    }
    var prices: [String: Double] = [:]
    for key in object.keys { prices[key] = field[key].number() }
    let missing = parameter.domain.levels.map(\.text).filter { object[$0] == nil }
    if !missing.isEmpty {
      field.error(
        "no price for \(missing.joined(separator: ", "))", needed: "give one for each value")
      return nil
    }
    return .perChoice(prices)
  }

  /// The price of one base unit. Without `per`, the price is for one unit, or for 1Gi where
  /// amounts are in bytes.
  private func perUnit(_ entry: Field, isInBytes: Bool, _ domain: Domain?) -> Double? {
    guard entry["pricePerHour"].exists else {
      return entry.mismatch("pricePerHour is needed")
    }
    guard let price = entry["pricePerHour"].number() else { return nil }
    guard entry["per"].exists else { return price / (isInBytes ? 1_073_741_824 : 1) }
    guard let per = entry["per"].quantity else { return nil }
    guard per.billionths > 0 else { return entry["per"].mismatch("an amount above 0 is needed") }
    guard let resource = entry["resource"].text, let domain,
      let text = ResourceName(resource).text(for: per),
      let same = ResourceName(resource).quantity(reading: text, like: domain.levels)
    else { return price / per.amount }
    return price / same.amount
  }

  /// A resource that isn't tuned costs what the container has of it.
  private func priceOfUntuned(_ name: String, key: String, _ entry: Field) -> Double? {
    let text = container.flatMap { $0.limit(name) ?? $0.request(name) }
    guard !unreadable.contains(name) else { return nil }
    guard key == "resource", let text, let amount = try? Quantity(text) else {
      let known = parameters.map(\.name.text)
      entry[key].error(
        "\"\(name)\" is neither tuned nor a resource of the container",
        needed: Spelling.hint(name, among: known))
      return nil
    }
    let isInBytes = amount.isBinary || name == "memory"
    return perUnit(entry, isInBytes: isInBytes, nil).map { $0 * amount.amount }
  }

  private static func isInBytes(_ levels: [Level]) -> Bool {
    levels.contains { level in
      if case .quantity(let quantity) = level { quantity.isBinary } else { false }
    }
  }
}
