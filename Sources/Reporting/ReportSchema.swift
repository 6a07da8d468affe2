/// The format of `report.json` as JSON Schema (draft 2020-12), for those who read it with other
/// programs. A test holds every report against it.
package enum ReportSchema {
  package static var text: String { schema.text }

  static let schema: JSON = [
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What a search by morphling leaves",
    "description":
      "Numbers are in the unit that a metric's name ends with; a value that isn't known is null, never 0. Intervals hold 90 %. Keys may be added within a major version.",
    "type": "object",
    "properties": [
      "schemaVersion": ["type": "string", "pattern": "^1\\.[0-9]+\\.[0-9]+$"],
      "tool": object(["name": word, "version": word]),
      "experiment": object([
        "name": word, "seed": whole, "startedAt": textOrNull, "seconds": numberOrNull,
      ]),
      "recommendation": orNull(
        object([
          "config": configuration, "expected": numbers, "lower": numbers, "upper": numbers,
          "regret": numberOrNull, "reason": word, "trial": wholeOrNull,
          "costPerHour": numberOrNull,
        ])),
      "reason": described(textOrNull, "Why there is no recommendation."),
      "nearestMiss": orNull(
        object([
          "trial": wholeOrNull, "configuration": orNull(configuration), "toRelax": list(word),
        ])),
      "gain": described(
        orNull(estimate), "The recommended objective as a multiple of the baseline's."),
      "front": described(
        object([
          "objectives": list(
            object(["direction": ["enum": ["maximize", "minimize"]], "expression": word])),
          "members": list(
            object(["trial": whole, "config": configuration, "values": list(estimate)])),
          "regret": numberOrNull,
        ]), "What there is to choose from, where several objectives count."),
      "baseline": object([
        "configuration": orNull(configuration), "measured": orNull(numbers),
        "objective": numberOrNull, "reason": textOrNull,
      ]),
      "sampling": described(
        object(["visited": whole, "pruned": whole, "total": whole, "share": number]),
        "visited: started or measured, failures and the baseline included; share: of total."),
      "stopReason": textOrNull,
      "objective": object([
        "direction": ["enum": ["maximize", "minimize"]], "expression": word,
      ]),
      "constraints": list(
        object(["metric": word, "max": number, "heldByStressTest": flag])),
      "cost": orNull(
        object([
          "fixed": number, "perUnit": numbers,
          "perChoice": ["type": "object", "additionalProperties": numbers],
        ])),
      "limits": object(["trialsMax": whole, "regretTolerance": number, "confidence": number]),
      "space": object([
        "configurations": whole,
        "parameters": list(
          object([
            "name": word, "kind": ["enum": ["quantities", "integers", "numbers", "choices"]],
            "scale": ["enum": ["linear", "logarithmic"]], "target": word,
            "levels": list(level),
          ])),
      ]),
      "patch": described(["type": ["array", "null"]], "A JSON Patch (RFC 6902)."),
      "patches": object(["kustomize": textOrNull, "inference": textOrNull]),
      "notes": list(word),
      "environment": object(["machine": textOrNull, "command": textOrNull]),
      "curves": object(["recommended": orNull(curve), "baseline": orNull(curve)]),
      "progress": list(
        object(["ordinal": whole, "incumbent": numberOrNull, "regretBound": numberOrNull])),
      "trials": list(trial),
    ],
    "required": [
      "schemaVersion", "tool", "experiment", "recommendation", "reason", "nearestMiss", "gain",
      "baseline", "sampling", "stopReason", "objective", "constraints", "cost", "limits", "space",
      "patch", "patches", "notes", "environment", "curves", "progress", "trials",
    ],
  ]

  private static let trial = object([
    "ordinal": whole, "configuration": configuration,
    "outcome": ["enum": ["measured", "infeasible"]], "reason": textOrNull,
    "reasonKind": textOrNull, "measured": orNull(numbers), "lower": numbers, "upper": numbers,
    "objective": numberOrNull, "feasible": flag, "costPerHour": numberOrNull,
    "seconds": numberOrNull, "verdict": ["enum": ["sound", "doubtful", "unusable", .null]],
    "doubts": list(word), "lastLogLines": list(word), "loadSteps": list(loadStep),
  ])

  private static let curve = object([
    "kneeRate": numberOrNull, "capacityRate": numberOrNull,
    "points": list(
      object([
        "offeredRate": number, "achievedRate": numberOrNull, "p50": numberOrNull,
        "p99": numberOrNull, "p99Lower": numberOrNull, "p99Upper": numberOrNull,
      ])),
    "loadSteps": list(loadStep),
  ])

  private static let loadStep = object([
    "offeredRate": number, "achievedRate": number, "seconds": number, "requests": whole,
    "errors": numbers,
    "latencies": object([
      "mean": number, "p50": number, "p90": number, "p95": number, "p99": number, "max": number,
    ]),
    "latencyP99Interval": orNull(object(["lower": number, "upper": number])),
    "scheduleLagP99": number, "holds": flag,
  ])

  private static let estimate = object([
    "expected": number, "lower": numberOrNull, "upper": numberOrNull,
  ])
  private static let configuration: JSON = ["type": "object", "additionalProperties": level]
  private static let level: JSON = ["type": ["string", "number"]]
  private static let numbers: JSON = ["type": "object", "additionalProperties": number]
  private static let word: JSON = ["type": "string"]
  private static let textOrNull: JSON = ["type": ["string", "null"]]
  private static let number: JSON = ["type": "number"]
  private static let numberOrNull: JSON = ["type": ["number", "null"]]
  private static let whole: JSON = ["type": "integer"]
  private static let wholeOrNull: JSON = ["type": ["integer", "null"]]
  private static let flag: JSON = ["type": "boolean"]

  private static func list(_ element: JSON) -> JSON { ["type": "array", "items": element] }

  private static func orNull(_ schema: JSON) -> JSON { ["anyOf": [schema, ["type": "null"]]] }

  private static func described(_ schema: JSON, _ description: String) -> JSON {
    guard case .object(let members) = schema else { return schema }
    return .object(members + [JSON.Member(key: "description", value: .string(description))])
  }

  /// An object that has all of these properties, and may have others.
  private static func object(_ properties: KeyValuePairs<String, JSON>) -> JSON {
    let members = properties.map { JSON.Member(key: $0.key, value: $0.value) }
    return [
      "type": "object", "properties": .object(members),
      "required": .array(members.map { .string($0.key) }),
    ]
  }
}
