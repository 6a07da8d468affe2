import Kubernetes
package import Tuning

/// Reads `objective` and `constraints`, and holds them against the metrics that will be there.
struct ObjectiveReader {
  let parameters: [Parameter]
  /// Names of parameters that could not be read, which is reported there.
  var unreadable: [String] = []
  let hasCost: Bool
  /// What will be measured.
  let metrics: [Metric]
  /// Whether a stress test holds latency and errors itself; a recorded table doesn't.
  let isLive: Bool
  let log: ProblemLog

  // MARK: Objective

  /// What `objective` or `objectives` asks for, or the command line instead of both.
  func objectives(_ spec: Field, override: Objective?) -> [Objective]? {
    if let override {
      return checked(override) { found, needed in
        log.append(Problem(.error, at: "--objective", found: found, needed: needed))
      }.map { [$0] }
    }
    let list = spec["objectives"]
    guard list.exists else { return objective(spec["objective"]).map { [$0] } }
    if spec["objective"].exists {
      list.error("objective and objectives", needed: "give one of them")
    }
    let fields = list.elements
    guard Self.objectiveCounts.contains(fields.count) else {
      return list.mismatch(
        "\(Self.objectiveCounts.lowerBound) to \(Self.objectiveCounts.upperBound) objectives are "
          + "needed; a single one is given as objective")
    }
    let objectives = fields.compactMap { field -> Objective? in
      guard field["objectiveMetricName"].exists else {
        field.isMapping(of: Self.objectiveFields)
        return field["objectiveMetricName"].mismatch("an expression is needed")
      }
      return objective(field)
    }
    guard objectives.count == fields.count else { return nil }
    guard Set(objectives.map(\.expression)).count == objectives.count else {
      list.error("an objective is there twice", needed: "give each once")
      return nil
    }
    return objectives
  }

  /// More than four make nearly every configuration one that none beats in all.
  static let objectiveCounts = 2...4
  private static let objectiveFields = ["type", "objectiveMetricName"]

  func objective(_ field: Field) -> Objective? {
    guard field.exists else { return standard(field) }
    field.isMapping(of: Self.objectiveFields)
    let direction =
      field["type"].exists ? field["type"].word(Objective.Direction.self) : .maximize
    let name = field["objectiveMetricName"]
    guard name.exists else { return standard(field) }
    guard let text = name.text, let direction else { return nil }
    do {
      return checked(Objective(direction, try Expression(text))) { found, needed in
        name.error(found, needed: needed)
      }
    } catch {
      name.error("\(error)", needed: "write it like throughput_rps / cost")
      return nil
    }
  }

  /// The objective with full metric names; nil, and a report, where a name means nothing.
  func checked(_ objective: Objective, report: (String, String) -> Void) -> Objective? {
    let ordinals = parameters.filter(\.domain.isOrdinal).map(\.name.text)
    let expression = objective.expression.spellingOutMetrics(except: Set(ordinals))
    let known = metrics.map(\.name) + (hasCost ? [Metric.cost.name] : []) + ordinals
    let unknown = expression.names.filter { !known.contains($0) && !unreadable.contains($0) }
    for name in unknown {
      if name == Metric.cost.name {
        report("the objective mentions cost, but nothing has a price", "give prices under cost")
      } else {
        report("nobody reports \"\(name)\"", Spelling.hint(name, among: known))
      }
    }
    return unknown.isEmpty ? Objective(objective.direction, expression) : nil
  }

  private func standard(_ field: Field) -> Objective? {
    let throughput = Expression.name(Metric.throughput.name)
    let expression =
      hasCost ? .combine(.divide, throughput, .name(Metric.cost.name)) : throughput
    return checked(Objective(.maximize, expression)) { found, _ in
      field.error(found, needed: "give an objective")
    }
  }

  // MARK: Constraints

  func constraints(_ list: Field, overrides: [Overrides.Bound]) -> [Constraint] {
    var constraints: [Constraint] = []
    for field in list.elements {
      guard let constraint = constraint(field) else { continue }
      if constraints.contains(where: { $0.metric == constraint.metric }) {
        field["metricName"].error(
          "\(constraint.metric) is bounded twice", needed: "give one bound for each metric")
      } else {
        constraints.append(constraint)
      }
    }
    for bound in overrides {
      guard metrics.contains(bound.metric) else {
        log.append(
          Problem(
            .error, at: "--slo", found: "nobody reports \"\(bound.metric)\"",
            needed: MetricName.hint(bound.metric.name, among: metrics)))
        continue
      }
      let constraint = constraint(bound.metric, bound.maximum)
      if let index = constraints.firstIndex(where: { $0.metric == bound.metric }) {
        constraints[index] = constraint
      } else {
        constraints.append(constraint)
      }
    }
    return constraints
  }

  private func constraint(_ field: Field) -> Constraint? {
    guard field.isMapping(of: ["metricName", "max"]) else { return nil }
    let name = field["metricName"]
    if !name.exists { name.error("nothing", needed: "the name of a metric is needed") }
    if !field["max"].exists { field["max"].error("nothing", needed: "a bound is needed") }
    guard let text = name.text else { return nil }
    let metric = MetricName.metric(text)
    guard metrics.contains(metric) else {
      name.error("nobody reports \"\(text)\"", needed: MetricName.hint(text, among: metrics))
      return nil
    }
    guard let bound = field["max"].text else { return nil }
    guard let maximum = MetricName.bound(bound, on: metric) else {
      return field["max"].mismatch(MetricName.boundHint(metric))
    }
    return constraint(metric, maximum)
  }

  private func constraint(_ metric: Metric, _ maximum: Double) -> Constraint {
    let isLoadBound =
      metric.name.hasPrefix("latency_") || metric == .errorRate
      || Metric.generationTimes.contains(metric)
    return Constraint(metric: metric, maximum: maximum, isHeldByStressTest: isLive && isLoadBound)
  }
}

extension Objective.Direction: CaseIterable {
  package static var allCases: [Objective.Direction] { [.maximize, .minimize] }
}
