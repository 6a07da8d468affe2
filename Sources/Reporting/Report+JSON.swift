import Foundation
import Tuning

extension Report {
  /// Reads a `report.json`.
  /// - Throws: `ReportError` when the text is no report that this version understands.
  package init(reading text: String) throws(ReportError) {
    let data = Data(text.utf8)
    struct Version: Decodable { let schemaVersion: String }
    guard let version = try? JSONDecoder().decode(Version.self, from: data) else {
      throw .notAReport
    }
    let major = { (version: String) in version.prefix { $0 != "." } }
    guard major(version.schemaVersion) == major(Self.currentSchemaVersion) else {
      throw .otherVersion(version.schemaVersion)
    }
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as DecodingError {
      throw .malformed(error.place)
    } catch {
      throw .malformed(String(describing: error))
    }
  }

  /// The text of `report.json`. Equal reports give equal texts.
  package var json: String {
    guard let front, case .object(let members) = document else { return document.text }
    return JSON.object(members + [JSON.Member(key: "front", value: front.json(space))]).text
  }

  private var document: JSON {
    [
      "schemaVersion": .string(schemaVersion),
      "tool": ["name": .string(tool.name), "version": .string(tool.version)],
      "experiment": [
        "name": .string(experiment.name),
        "seed": .unsigned(experiment.seed),
        "startedAt": JSON(experiment.startedAt), "seconds": JSON(experiment.seconds),
      ],
      "recommendation": recommendation.map(json) ?? .null,
      "reason": JSON(reason),
      "nearestMiss": nearestMiss.map(json) ?? .null,
      "gain": gain.map {
        [
          "expected": JSON($0.expected), "lower": JSON($0.lower), "upper": JSON($0.upper),
        ]
      } ?? .null,
      "baseline": [
        "configuration": baseline.configuration.map(space.json) ?? .null,
        "measured": baseline.measured.map { JSON($0) } ?? .null,
        "objective": JSON(baseline.objective), "reason": JSON(baseline.reason),
      ],
      "sampling": [
        "visited": .integer(sampling.visited), "pruned": .integer(sampling.pruned),
        "total": .integer(sampling.total), "share": JSON(sampling.share),
      ],
      "stopReason": JSON(stopReason),
      "objective": [
        "direction": .string(objective.direction.rawValue),
        "expression": .string(objective.expression),
      ],
      "constraints": .array(constraints.map(\.json)),
      "cost": cost?.json ?? .null,
      "limits": [
        "trialsMax": .integer(limits.trialsMax), "regretTolerance": JSON(limits.regretTolerance),
        "confidence": JSON(limits.confidence),
      ],
      "space": space.json,
      "patch": patch ?? .null,
      "patches": ["kustomize": JSON(patches.kustomize), "inference": JSON(patches.inference)],
      "notes": .array(notes.map(JSON.string)),
      "environment": [
        "machine": JSON(environment.machine), "command": JSON(environment.command),
      ],
      "curves": [
        "recommended": curves.recommended?.json ?? .null,
        "baseline": curves.baseline?.json ?? .null,
      ],
      "progress": .array(progress.map(\.json)),
      "trials": .array(trials.map(json)),
    ]
  }

  private func json(_ advice: Advice) -> JSON {
    [
      "config": space.json(advice.config), "expected": JSON(advice.expected),
      "lower": JSON(advice.lower), "upper": JSON(advice.upper), "regret": JSON(advice.regret),
      "reason": .string(advice.reason), "trial": JSON(advice.trial),
      "costPerHour": JSON(advice.costPerHour),
    ]
  }

  private func json(_ miss: Miss) -> JSON {
    [
      "trial": JSON(miss.trial), "configuration": miss.configuration.map(space.json) ?? .null,
      "toRelax": .array(miss.toRelax.map(JSON.string)),
    ]
  }

  private func json(_ entry: Entry) -> JSON {
    [
      "ordinal": .integer(entry.ordinal), "configuration": space.json(entry.configuration),
      "outcome": .string(entry.outcome.rawValue), "reason": JSON(entry.reason),
      "reasonKind": JSON(entry.reasonKind), "measured": entry.measured.map { JSON($0) } ?? .null,
      "lower": JSON(entry.lower), "upper": JSON(entry.upper), "objective": JSON(entry.objective),
      "feasible": .bool(entry.feasible), "costPerHour": JSON(entry.costPerHour),
      "seconds": JSON(entry.seconds), "verdict": JSON(entry.verdict),
      "doubts": .array(entry.doubts.map(JSON.string)),
      "lastLogLines": .array(entry.lastLogLines.map(JSON.string)),
      "loadSteps": .array(entry.loadSteps.map(\.json)),
    ]
  }
}

extension Report.Bound {
  fileprivate var json: JSON {
    ["metric": .string(metric), "max": JSON(max), "heldByStressTest": .bool(heldByStressTest)]
  }
}

extension Report.CostTable {
  fileprivate var json: JSON {
    let choices = perChoice.sorted { $0.key < $1.key }
      .map { JSON.Member(key: $0.key, value: JSON($0.value)) }
    return ["fixed": JSON(fixed), "perUnit": JSON(perUnit), "perChoice": .object(choices)]
  }
}

extension Report.Space {
  fileprivate var json: JSON {
    let knobs = parameters.map { knob -> JSON in
      [
        "name": .string(knob.name), "kind": .string(knob.kind.rawValue),
        "scale": .string(knob.scale.rawValue), "target": .string(knob.target),
        "levels": .array(knob.levels),
      ]
    }
    return ["configurations": .integer(configurations), "parameters": .array(knobs)]
  }
}

extension Report.Progress {
  fileprivate var json: JSON {
    [
      "ordinal": .integer(ordinal), "incumbent": JSON(incumbent), "regretBound": JSON(regretBound),
    ]
  }
}

extension LoadCurve {
  fileprivate var json: JSON {
    let curve = points.map { point -> JSON in
      [
        "offeredRate": JSON(point.offeredRate), "achievedRate": JSON(point.achievedRate),
        "p50": JSON(point.p50), "p99": JSON(point.p99), "p99Lower": JSON(point.p99Lower),
        "p99Upper": JSON(point.p99Upper),
      ]
    }
    return [
      "kneeRate": JSON(kneeRate), "capacityRate": JSON(capacityRate), "points": .array(curve),
      "loadSteps": .array(stepsInOrder.map(\.json)),
    ]
  }
}

extension LoadStep {
  fileprivate var json: JSON {
    [
      "offeredRate": JSON(offeredRate), "achievedRate": JSON(achievedRate),
      "seconds": JSON(seconds), "requests": .integer(requests),
      "errors": JSON(errors.mapValues(Double.init)),
      "latencies": [
        "mean": JSON(latencies.mean), "p50": JSON(latencies.p50), "p90": JSON(latencies.p90),
        "p95": JSON(latencies.p95), "p99": JSON(latencies.p99), "max": JSON(latencies.max),
      ],
      "latencyP99Interval": latencyP99Interval.map {
        ["lower": JSON($0.lower), "upper": JSON($0.upper)]
      } ?? .null,
      "scheduleLagP99": JSON(scheduleLagP99), "holds": .bool(holds),
    ]
  }
}

extension DecodingError {
  /// Where the text departs from the format: `trials.3.ordinal`.
  fileprivate var place: String {
    let context: Context? =
      switch self {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context), .dataCorrupted(let context):
        context
      @unknown default: nil
      }
    guard let context else { return "unknown place" }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
    return (path.isEmpty ? "top" : path.joined(separator: ".")) + ": " + context.debugDescription
  }
}

/// Why a text is no report.
package enum ReportError: Error, Hashable, CustomStringConvertible {
  case notAReport
  case otherVersion(String)
  /// The place in the file, and what is wrong there.
  case malformed(String)

  package var description: String {
    switch self {
    case .notAReport:
      "report.json: no schemaVersion found; a file that \"morphling tune\" has left is needed"
    case .otherVersion(let version):
      "report.json: schemaVersion is \(version); \(Report.currentSchemaVersion) or a compatible one is needed"
    case .malformed(let what): "report.json: \(what)"
    }
  }
}
