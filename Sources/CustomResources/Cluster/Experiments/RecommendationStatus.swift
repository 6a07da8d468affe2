package import Kubernetes
package import Tuning

/// A recommendation as it stands in an experiment's status: in the shape of the vertical pod
/// autoscaler's, with the evidence for it.
package struct RecommendationStatus: Sendable {
  package let recommendation: Recommendation
  /// What to run: the recommended configuration within the owner's bounds.
  package let configuration: Configuration
  private let definition: ExperimentDefinition
  private let study: Study
  private let sampling: Sampling
  private let stopReason: StopReason?

  package init(
    _ recommendation: Recommendation, definition: ExperimentDefinition, study: Study,
    sampling: Sampling, stopReason: StopReason?, allowed: ResourceBounds = ResourceBounds()
  ) {
    self.recommendation = recommendation
    self.configuration = allowed.capped(
      recommendation.configuration, definition.space.parameters)
    self.definition = definition
    self.study = study
    self.sampling = sampling
    self.stopReason = stopReason
  }

  package var json: JSONValue {
    let uncapped = recommendation.configuration
    var members: [(String, JSONValue?)] = [
      ("summary", .string(configuration.description)),
      ("predictorName", definition.target?.predictorName.map(JSONValue.string)),
      ("containerName", definition.target.map { .string($0.container.name) }),
      ("target", amounts(configuration)),
      ("lowerBound", range { $0.min { $0.magnitude < $1.magnitude } }),
      ("upperBound", range { $0.max { $0.magnitude < $1.magnitude } }),
      ("uncappedTarget", amounts(uncapped)),
    ]
    for category in [ParameterReader.Category.batching, .env, .args] {
      members.append((category.rawValue, texts(category)))
    }
    members.append(("evidence", evidence))
    return .object(JSONObject(present: members))
  }

  // MARK: Amounts

  private var resources: [(parameter: Parameter, name: String)] {
    definition.space.parameters.compactMap { parameter in
      if case .resource(let name) = parameter.target { (parameter, name) } else { nil }
    }
  }

  /// Each resource's amount in its own unit, as it is written into the container.
  private func amounts(_ configuration: Configuration) -> JSONValue? {
    object(
      resources.compactMap { parameter, name in
        configuration[parameter.name].map { (name, Self.written($0, name)) }
      })
  }

  private func range(
    _ choose: ([(level: Level, magnitude: Double)]) -> (level: Level, magnitude: Double)?
  ) -> JSONValue? {
    let configurations = equallyGood
    return object(
      resources.compactMap { parameter, name in
        let levels = configurations.compactMap { $0[parameter.name] }
          .compactMap { level in level.magnitude.map { (level, $0) } }
        return choose(levels).map { (name, Self.written($0.level, name)) }
      })
  }

  /// The recommended configuration, and those of feasible trials whose objective, as measured, is
  /// worse than the best trial's by no more than the regret that the experiment tolerates.
  private var equallyGood: [Configuration] {
    let values = study.trials.compactMap { trial in
      study.feasibleObjective(of: trial).map { (trial.configuration, $0) }
    }
    guard let best = study.incumbent.flatMap(study.feasibleObjective) else {
      return [recommendation.configuration]
    }
    let slack = abs(best) * study.limits.regretTolerance.fraction
    return [recommendation.configuration]
      + values.filter { abs($0.1 - best) <= slack }.map(\.0)
  }

  private static func written(_ level: Level, _ resource: String) -> String {
    guard case .quantity(let quantity) = level else { return level.text }
    return ResourceName(resource).text(for: quantity) ?? level.text
  }

  // MARK: The rest

  private func texts(_ category: ParameterReader.Category) -> JSONValue? {
    object(
      definition.space.parameters.filter { $0.target.category == category }
        .compactMap { parameter in
          configuration[parameter.name].map { (parameter.name.text, $0.text) }
        })
  }

  private var evidence: JSONValue {
    let expected = recommendation.expected.sorted { $0.key.name < $1.key.name }
      .map { ($0.key.name, JSONValue(normalizing: $0.value)) }
    let intervals = recommendation.intervals.sorted { $0.key.name < $1.key.name }
      .map { metric, interval -> (String, JSONValue) in
        (
          metric.name,
          [
            "lower": JSONValue(normalizing: interval.lower),
            "upper": JSONValue(normalizing: interval.upper),
          ]
        )
      }
    return .object(
      JSONObject(present: [
        ("trial", recommendation.trialOrdinal.map(JSONValue.integer)),
        ("reason", .string(recommendation.reason)),
        ("expected", .object(JSONObject(expected))),
        ("intervals", intervals.isEmpty ? nil : .object(JSONObject(intervals))),
        ("regretBound", recommendation.regretBound.map { JSONValue(normalizing: $0.fraction) }),
        ("shareSampled", JSONValue(normalizing: sampling.share.fraction)),
        ("visited", .integer(sampling.visited)), ("pruned", .integer(sampling.pruned)),
        ("total", .integer(sampling.total)),
        ("stopReason", stopReason.map { .string($0.rawValue) }),
      ]))
  }

  private func object(_ members: [(String, String)]) -> JSONValue? {
    members.isEmpty
      ? nil : .object(JSONObject(members.map { ($0.0, .string($0.1)) }))
  }
}
