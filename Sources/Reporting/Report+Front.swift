import Tuning

extension Report {
  /// What there is to choose from when several objectives count.
  package struct Front: Hashable, Sendable, Decodable {
    package struct Member: Hashable, Sendable, Decodable {
      package let trial: Int
      package let config: Spec
      /// Of each objective, in their order.
      package let values: [Estimate]
    }

    package let objectives: [Goal]
    /// From the best to the worst by the first objective.
    package let members: [Member]
    /// With 90 % credibility, every other configuration has a member that it doesn't beat in any
    /// objective by more than this fraction.
    package let regret: Double?
  }
}

extension Report.Front {
  /// Nil with one objective.
  init?(_ study: Study, _ conclusion: Conclusion) {
    guard !study.furtherObjectives.isEmpty else { return nil }
    var found: ParetoFront?
    if case .recommended(let advice) = conclusion { found = advice.front }
    objectives = study.objectives.map {
      Report.Goal(direction: $0.direction, expression: $0.expression.description)
    }
    members = (found?.members ?? []).map { member in
      Member(
        trial: member.trialOrdinal, config: Spec(member.configuration),
        values: zip(member.expected, member.intervals).map {
          Report.Estimate(expected: $0, lower: $1.lower, upper: $1.upper)
        })
    }
    regret = found?.regretBound?.fraction
  }

  func json(_ space: Report.Space) -> JSON {
    [
      "objectives": .array(
        objectives.map {
          ["direction": .string($0.direction.rawValue), "expression": .string($0.expression)]
        }),
      "members": .array(
        members.map { member in
          [
            "trial": .integer(member.trial), "config": space.json(member.config),
            "values": .array(
              member.values.map {
                [
                  "expected": JSON($0.expected), "lower": JSON($0.lower), "upper": JSON($0.upper),
                ]
              }),
          ]
        }),
      "regret": JSON(regret),
    ]
  }

  /// A row for each member: its trial, its configuration, and each objective with its interval.
  func rows(_ space: Report.Space) -> [[String]] {
    members.map { member in
      ["trial \(member.trial)", space.line(member.config)]
        + member.values.map { value in
          let text = Figure.text(value.expected)
          guard let lower = value.lower, let upper = value.upper, lower < upper else { return text }
          return "\(text) (\(Figure.text(lower)) to \(Figure.text(upper)))"
        }
    }
  }

  var headings: [String] { ["", ""] + objectives.map(\.expression) }

  var certainty: String {
    guard let regret else {
      return "The evidence does not vouch for a bound on what other configurations could gain."
    }
    return "With 90 % credibility no other configuration beats all of the front by more than "
      + "\(Figure.percent(regret))."
  }
}
