import Kubernetes
import Tuning

/// Reads `tunableParameters`.
struct ParameterReader {
  enum Category: String, CaseIterable {
    case resource, env, args, batching
  }

  let log: ProblemLog

  /// The names of all parameters, readable or not.
  static func declaredNames(_ groups: Field) -> [String] {
    let lists = (groups.value?.array ?? []).map { $0["parameters"]?.array ?? [] }
    return lists.joined().compactMap { $0["name"]?.scalarText }
  }

  /// All parameters, in their order; those with a problem are left out.
  func read(_ groups: Field) -> [Parameter] {
    var parameters: [Parameter] = []
    for group in groups.elements {
      guard group.isMapping(of: ["category", "parameters"]) else { continue }
      guard group["category"].exists else {
        group.error("no category", needed: "give resource, env, args or batching")
        continue
      }
      guard let category = group["category"].word(Category.self) else { continue }
      if group["parameters"].elements.isEmpty {
        group["parameters"].error("no parameters", needed: "give at least one")
      }
      for field in group["parameters"].elements {
        guard let parameter = parameter(field, category) else { continue }
        if parameters.contains(where: { $0.name == parameter.name }) {
          field["name"].error(
            "parameter \"\(parameter.name)\" is there twice", needed: "give each a name of its own")
        } else {
          parameters.append(parameter)
        }
      }
    }
    return parameters
  }

  private func parameter(_ field: Field, _ category: Category) -> Parameter? {
    guard field.isMapping(of: ["name", "parameterType", "feasibleSpace", "scale"]) else {
      return nil
    }
    let name =
      field["name"].exists ? field["name"].text : field["name"].mismatch("a name is needed")
    let type =
      field["parameterType"].exists
      ? field["parameterType"].word(DomainReader.ParameterType.self)
      : field["parameterType"].mismatch("int, double, discrete or categorical is needed")
    let scale = Self.scale(field["scale"])
    guard let type else { return nil }
    let reader = DomainReader(type: type, values: category.values, scale: scale)
    guard let domain = reader.read(field["feasibleSpace"]), let name else { return nil }
    guard !name.isEmpty else { return field["name"].mismatch("a name is needed") }
    let target = category.target(name)
    if case .resource = target {
      guard isWritable(domain, ResourceName(name), field["feasibleSpace"]) else { return nil }
    }
    return Parameter(judging: name, domain: domain, target: target)
  }

  private static func scale(_ field: Field) -> Domain.Scale? {
    guard let text = field.text else { return nil }
    switch text.lowercased() {
    case "linear": return .linear
    case "log", "logarithmic": return .logarithmic
    default:
      field.error("unknown scale \"\(text)\"", needed: "known: linear, log")
      return nil
    }
  }

  /// Whether every level can be written in the resource's own unit.
  private func isWritable(_ domain: Domain, _ resource: ResourceName, _ field: Field) -> Bool {
    let quantities = domain.levels.compactMap { level in
      if case .quantity(let quantity) = level { quantity } else { nil as Quantity? }
    }
    if resource.text.contains("/"), resource.isMemory, Set(quantities.map(\.isBinary)).count > 1 {
      field.error(
        "amounts in bytes beside amounts in the resource's own unit",
        needed: "write all of them like 8Gi, or all like 8")
      return false
    }
    for quantity in quantities where resource.text(for: quantity) == nil {
      field.error(
        "\(quantity) is no whole number of \(resource.text)", needed: "give whole numbers only")
      return false
    }
    return true
  }
}

extension ParameterReader.Category {
  fileprivate var values: DomainReader.Values {
    switch self {
    case .resource: .amounts
    case .env, .args: .settings
    case .batching: .wholeNumbers
    }
  }

  /// A name that begins with a dash is a flag; any other argument is the level alone, as upstream
  /// Morphling has it. `batchSize` reaches the server as `BATCH_SIZE`.
  fileprivate func target(_ name: String) -> Parameter.Target {
    switch self {
    case .resource: .resource(name: name)
    case .env: .environment(name: name)
    case .args: .argument(flag: name.hasPrefix("-") ? name : nil)
    case .batching: .batching(environment: name == "batchSize" ? "BATCH_SIZE" : name)
    }
  }
}
