package import Kubernetes
package import Tuning

/// What a driver tells of one configuration.
package struct AskTellObservation: Hashable, Sendable {
  package let configuration: Configuration
  package let outcome: Outcome

  /// - Parameter index: of the observation in its message, for errors.
  package init(
    _ json: JSONValue, of problem: AskTellProblem, index: Int
  ) throws(AskTellError) {
    let location = "tell[\(index)]"
    configuration = try problem.configuration(json["knobs"], at: "\(location).knobs")
    if json["oom"] == .bool(true) {
      outcome = .infeasible(
        Infeasibility(.outOfMemory, .starting, detail: "it could not start, or died"))
      return
    }
    guard let object = json["metrics"]?.object else {
      throw AskTellError(
        "\(location).metrics", found: json["metrics"]?.summary ?? "nothing",
        needed: "an object is needed, or oom: true")
    }
    var values: [Metric: Double] = [:]
    for (name, value) in object.members {
      guard let number = value.number, number.isFinite else {
        throw AskTellError(
          "\(location).metrics.\(name)", found: value.summary, needed: "a finite number is needed")
      }
      values[Metric(name)] = number
    }
    for metric in problem.metrics where values[metric] == nil && problem.isNeeded(metric) {
      throw AskTellError(
        "\(location).metrics.\(metric)", found: "nothing", needed: "a finite number is needed")
    }
    outcome = .measured(Measurement(values: values))
  }
}

extension AskTellProblem {
  /// Whether objective or constraints are made of the metric.
  fileprivate func isNeeded(_ metric: Metric) -> Bool {
    study.objective.expression.names.contains(metric.name)
      || study.constraints.contains { $0.metric == metric }
  }
}

/// The answers of the optimizer.
package enum AskTellReply {
  package static func ready(version: String) -> JSONValue {
    ["ok": true, "name": "morphling", "version": .string(version)]
  }

  package static let told: JSONValue = ["ok": true]

  package static func configurations(
    _ configurations: [Configuration], of problem: AskTellProblem
  ) -> JSONValue {
    ["configs": .array(configurations.map(problem.json))]
  }

  package static func error(_ error: AskTellError) -> JSONValue {
    ["error": .string(error.description)]
  }

  package static func conclusion(
    _ conclusion: Conclusion, of problem: AskTellProblem
  ) -> JSONValue {
    switch conclusion {
    case .recommended(let recommendation):
      return [
        "config": problem.json(recommendation.configuration),
        "expected": numbers(recommendation.expected, problem),
        "lower": numbers(recommendation.intervals.mapValues(\.lower), problem),
        "upper": numbers(recommendation.intervals.mapValues(\.upper), problem),
        "regret": recommendation.regretBound.map { .number($0.fraction) } ?? .null,
        "reason": .string(recommendation.reason),
      ]
    case .nothingFeasible(let miss):
      let reason =
        miss.toRelax.isEmpty
        ? "nothing was measured yet"
        : "nothing feasible is known: " + miss.toRelax.joined(separator: "; ")
      return [
        "config": nil, "expected": [:], "lower": [:], "upper": [:], "regret": nil,
        "reason": .string(reason),
      ]
    }
  }

  private static func numbers(
    _ values: [Metric: Double], _ problem: AskTellProblem
  ) -> JSONValue {
    .object(
      JSONObject(
        problem.metrics.compactMap { metric in
          values[metric].flatMap { $0.isFinite ? (metric.name, JSONValue.number($0)) : nil }
        }))
  }
}
