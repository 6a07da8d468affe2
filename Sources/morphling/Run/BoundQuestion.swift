import BayesianOptimization
import PerformanceCurves
import Reporting
import Tuning

/// What a search would have recommended under another bound on the 99th percentile, answered from
/// its load steps; or which tests it takes to know.
struct BoundQuestion {
  private struct Row {
    let trial: Trial
    let finding: LatencySurface.Finding
    /// At the rate that was found; nil where it can't be computed.
    let objective: Double?
  }

  /// In milliseconds.
  private let bound: Double
  private let study: Study
  private let rows: [Row]
  private let recommendation: Recommendation?
  /// Tests without which the answer isn't sure, as sentences.
  let needed: [String]

  init(_ study: Study, bound: Double) {
    let surface = LatencySurface(study)
    let other = surface.study(holding: bound)
    let model = StudyModel(other)
    let rows = surface.places.map { place in
      let trial = other.trials.first { $0.ordinal == place.trial.ordinal } ?? place.trial
      return Row(
        trial: trial, finding: surface.finding(at: place, holding: bound),
        objective: trial.measurement.flatMap {
          other.objectiveValue(of: $0, at: trial.configuration)
        })
    }
    var recommendation: Recommendation?
    if case .recommended(let advice) = model.conclusion() { recommendation = advice }
    self.bound = bound
    self.study = other
    self.rows = rows
    self.recommendation = recommendation
    needed = Self.needed(rows, model, recommendation)
  }

  private static func needed(
    _ rows: [Row], _ model: StudyModel, _ recommendation: Recommendation?
  ) -> [String] {
    let study = model.study
    let best = recommendation.flatMap { advice in
      rows.first { $0.trial.ordinal == advice.trialOrdinal }?.objective
    }
    var needed = rows.compactMap { row -> String? in
      let test = "trial \(row.trial.ordinal) (\(row.trial.configuration))"
      switch row.finding {
      case .rate, .unknown: return nil
      case .atLeast(let rate): return "\(test) from \(Figure.text(rate.perSecond)) req/s up"
      case .below(let rate):
        // What it could reach at most is no better than what is known of another.
        if let best, let objective = row.objective, !study.objective.isBetter(objective, than: best)
        {
          return nil
        }
        return "\(test) below \(Figure.text(rate.perSecond)) req/s"
      }
    }
    let isSure = model.regretBound().map { $0 <= study.limits.regretTolerance } ?? false
    if !isSure, let next = model.proposals(1).first { needed.append("\(next), not tested yet") }
    return needed
  }
}

extension BoundQuestion {
  /// Whether some trial is known to keep the bound.
  var isAnswered: Bool { recommendation != nil }
}

// MARK: - As text

extension BoundQuestion {
  var text: String {
    var lines = ["p99 ≤ \(Figure.text(bound)) ms, from the load steps of \(rows.count) trials:"]
    lines += rows.map { "  trial \($0.trial.ordinal)  \($0.trial.configuration)  \(text(of: $0))" }
    if let recommendation {
      let trial = recommendation.trialOrdinal.map { ", trial \($0)" } ?? ""
      lines.append("Recommended  \(recommendation.configuration)\(trial)")
      if let expected = recommendation.expected[.throughput] {
        let interval = recommendation.intervals[.throughput]
        let range = interval.map {
          " (90 % interval \(Figure.text($0.lower)) to \(Figure.text($0.upper)))"
        }
        lines.append("             \(Figure.text(expected)) req/s\(range ?? "")")
      }
    } else {
      lines.append("No trial is known to keep the bound.")
    }
    if needed.isEmpty {
      lines.append("No further test is needed.")
    } else {
      let count = needed.count == 1 ? "1 more test" : "\(needed.count) more tests"
      lines.append("To be sure it needs \(count) at:")
      lines += needed.map { "  " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(of row: Row) -> String {
    let rate: String
    switch row.finding {
    case .rate(let estimate):
      rate =
        "\(Figure.text(estimate.rate.perSecond)) req/s "
        + "(\(Figure.text(estimate.interval.lower)) to \(Figure.text(estimate.interval.upper)))"
    case .atLeast(let least): rate = "at least \(Figure.text(least.perSecond)) req/s"
    case .below(let most): rate = "less than \(Figure.text(most.perSecond)) req/s"
    case .unknown: rate = "unknown"
    }
    return rate
  }

  // MARK: As JSON

  var json: JSON {
    [
      "p99_ms": JSON(bound), "trials": .array(rows.map(json)),
      "recommendation": recommendation.map { advice in
        [
          "trial": JSON(advice.trialOrdinal), "config": Self.json(advice.configuration),
          "throughput_rps": Self.json(
            advice.expected[.throughput], advice.intervals[.throughput]),
        ]
      } ?? .null,
      "needed": .array(needed.map(JSON.string)),
    ]
  }

  private func json(_ row: Row) -> JSON {
    var known = (value: Double?.none, interval: Interval?.none)
    let word: String
    switch row.finding {
    case .rate(let estimate): (word, known) = ("rate", (estimate.rate.perSecond, estimate.interval))
    case .atLeast(let rate): (word, known) = ("at least", (rate.perSecond, nil))
    case .below(let rate): (word, known) = ("below", (rate.perSecond, nil))
    case .unknown: word = "unknown"
    }
    return [
      "ordinal": .integer(row.trial.ordinal), "config": Self.json(row.trial.configuration),
      "known": .string(word), "throughput_rps": Self.json(known.value, known.interval),
      "objective": JSON(row.objective),
    ]
  }

  private static func json(_ configuration: Configuration) -> JSON {
    .object(
      configuration.assignments.map {
        JSON.Member(key: $0.name.text, value: .string($0.level.text))
      })
  }

  private static func json(_ value: Double?, _ interval: Interval?) -> JSON {
    ["value": JSON(value), "lower": JSON(interval?.lower), "upper": JSON(interval?.upper)]
  }
}
