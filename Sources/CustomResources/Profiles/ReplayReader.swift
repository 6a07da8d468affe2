import Kubernetes
import Tuning

extension ExperimentDefinition {
  /// An experiment that a recorded table answers. The manifest, where there is one, gives the
  /// objective, the constraints, prices and limits; its parameters are knobs of the table, and
  /// narrow it to the levels that they list. Nothing is held by a stress test: a recorded
  /// configuration that breaks a constraint is measured, and infeasible.
  package static func decode(
    _ manifests: [Manifest], replaying table: ProfileTable, overrides: Overrides = Overrides()
  ) -> (definition: ExperimentDefinition?, diagnostics: Diagnostics) {
    let log = ProblemLog()
    for manifest in manifests { log.append(contentsOf: manifest.diagnostics) }
    guard !log.diagnostics.hasErrors else { return (nil, log.diagnostics) }
    let kinds = ManifestKinds(manifests.flatMap(\.documents), log: log)
    for extra in kinds.experiments.dropFirst() {
      extra.error("another ProfilingExperiment", needed: "give one at a time")
    }
    let reader = ReplayReader(
      root: kinds.experiments.first ?? ReplayReader.empty(table.name, log: log), table: table,
      overrides: overrides, log: log)
    let definition = reader.read()
    return (log.diagnostics.hasErrors ? nil : definition, log.diagnostics)
  }
}

/// Decodes an experiment over a recorded table.
private struct ReplayReader {
  let root: Field
  let table: ProfileTable
  let overrides: Overrides
  let log: ProblemLog

  /// An experiment that says nothing but its name.
  static func empty(_ name: String, log: ProblemLog) -> Field {
    let value: JSONValue = ["metadata": ["name": .string(name)], "spec": [:]]
    return Field(Document(file: name, value: value), log: log)
  }

  func read() -> ExperimentDefinition? {
    let spec = root["spec"]
    spec.isMapping(of: ExperimentReader.fields)
    guard let space = narrowedSpace(spec["tunableParameters"]) else { return nil }
    let cost = CostReader(parameters: space.parameters, unreadable: [], container: nil).read(
      spec["cost"])
    let reader = ObjectiveReader(
      parameters: space.parameters, hasCost: cost != nil, metrics: table.metrics, isLive: false,
      log: log)
    let constraints = reader.constraints(spec["constraints"], overrides: overrides.bounds)
    let limits = LimitsReader(count: space.count, override: overrides.budget, log: log).read(spec)
    let parallelism = overrides.parallelism ?? spec["parallelism"].integer(in: 1...1_000) ?? 1
    guard let objectives = reader.objectives(spec, override: overrides.objective) else {
      return nil
    }
    return ExperimentDefinition(
      metadata: root.document.metadata, space: space, objectives: objectives,
      constraints: constraints, cost: cost, limits: limits, parallelism: parallelism,
      progressDeadline: .zero, stressTest: StressTestDefinition(), target: nil,
      baseline: Configuration([]), derivedText: nil)
  }

  /// The table's space, cut down to the levels that the experiment lists.
  private func narrowedSpace(_ groups: Field) -> SearchSpace? {
    let wanted = ParameterReader(log: log).read(groups)
    guard !log.diagnostics.hasErrors else { return nil }
    for parameter in wanted where table.space[parameter.name] == nil {
      groups.error(
        "parameter \"\(parameter.name)\" is no knob of \(table.name)",
        needed: Spelling.hint(parameter.name.text, among: table.space.parameters.map(\.name.text)))
    }
    guard !log.diagnostics.hasErrors else { return nil }
    guard !wanted.isEmpty else { return table.space }
    let cells = (0..<table.space.count).map(table.space.configuration(at:))
    let kept = cells.filter { cell in
      wanted.allSatisfy { parameter in
        cell[parameter.name].map { Self.contains(parameter.domain, $0) } ?? false
      }
    }
    return space(keeping: kept, groups)
  }

  private static func contains(_ domain: Domain, _ level: Level) -> Bool {
    domain.levels.contains {
      $0.text == level.text || ($0.magnitude != nil && $0.magnitude == level.magnitude)
    }
  }

  private func space(keeping cells: [Configuration], _ field: Field) -> SearchSpace? {
    guard !cells.isEmpty else {
      field.error(
        "none of these levels is recorded in \(table.name)", needed: "list levels of the table")
      return nil
    }
    do {
      var parameters: [Parameter] = []
      for parameter in table.space.parameters {
        let levels = Set(cells.compactMap { $0[parameter.name] })
        let domain = try parameter.domain.keeping(levels)
        parameters.append(
          Parameter(
            name: parameter.name, domain: domain, target: parameter.target,
            effect: parameter.effect, role: parameter.role))
      }
      return try SearchSpace(parameters, allowed: cells.map { $0.assignments.map(\.level) })
    } catch {
      field.error("\(error)", needed: nil)
      return nil
    }
  }
}

extension Domain {
  /// The domain with these of its levels only.
  fileprivate func keeping(_ wanted: Set<Level>) throws(DomainError) -> Domain {
    let kept = levels.filter(wanted.contains)
    switch kind {
    case .choices: return try Domain(choices: kept.map(\.text))
    case .integers: return try Domain(integers: kept.compactMap { $0.magnitude.map { Int($0) } })
    case .numbers: return try Domain(numbers: kept.compactMap(\.magnitude))
    case .quantities: return try Domain(quantities: kept.compactMap { try? Quantity($0.text) })
    }
  }
}
