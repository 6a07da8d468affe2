package import Kubernetes
import Tuning

extension Overrides {
  /// The spec of an experiment with the options written into it, for where options can't be given
  /// beside it.
  package func written(into spec: JSONObject) -> JSONObject {
    var spec = spec
    if let objective { spec.setObjective(objective) }
    if !bounds.isEmpty {
      let replaced = Set(bounds.map(\.metric))
      let kept = (spec["constraints"]?.array ?? []).filter { entry in
        !replaced.contains(MetricName.metric(entry["metricName"]?.scalarText ?? ""))
      }
      spec["constraints"] = .array(kept + bounds.map(\.json))
    }
    if let budget { spec.setBudget(budget) }
    if let parallelism { spec["parallelism"] = .integer(parallelism) }
    return spec
  }
}

extension Overrides.Bound {
  /// As an entry of `constraints`.
  var json: JSONValue {
    ["metricName": .string(metric.name), "max": .string(Level.number(maximum).text)]
  }
}

extension JSONObject {
  mutating func setObjective(_ objective: Objective) {
    self["objective"] = [
      "type": .string(objective.direction.rawValue),
      "objectiveMetricName": .string(objective.expression.description),
    ]
  }

  /// What the budget says decides alone.
  mutating func setBudget(_ budget: Budget) {
    switch budget {
    case .trials(let trials):
      self["maxNumTrials"] = .integer(trials)
      self["samplingLimit"] = "100%"
    case .share(let share):
      self["maxNumTrials"] = nil
      self["samplingLimit"] = .string(Level.number(share.fraction).text)
    }
  }
}
