package import Tuning

/// What a finished search leaves: `report.json` is this value, and the page, the summary, the
/// Markdown and the CSV are functions of it. So each can be made again from the file alone.
///
/// Numbers are in the unit that a metric's name ends with. What isn't known is nil, never 0.
package struct Report: Hashable, Sendable, Decodable {
  /// The version of the format: the major number changes when a key changes its meaning.
  package static let currentSchemaVersion = "1.0.0"

  package let schemaVersion: String
  package let tool: Tool
  package let experiment: Experiment
  package let space: Space
  package let objective: Goal
  package let constraints: [Bound]
  /// Nil where nothing has a price.
  package let cost: CostTable?
  package let limits: Limits
  package let sampling: Sampled
  /// Why the search ended, as a clause; nil when it was interrupted.
  package let stopReason: String?
  package let baseline: Baseline
  package let recommendation: Advice?
  /// Why there is no recommendation; nil where there is one.
  package let reason: String?
  package let nearestMiss: Miss?
  /// The recommended configuration's objective as a multiple of the baseline's.
  package let gain: Estimate?
  /// What there is to choose from when several objectives count; nil with one.
  package let front: Front?
  package let progress: [Progress]
  /// Without those that never ended.
  package let trials: [Entry]
  package let curves: Curves
  /// The JSON Patch (RFC 6902) for the Inference.
  package let patch: JSON?
  package let patches: PatchTexts
  /// Sentences that a reader of the numbers should know, such as missing isolation.
  package let notes: [String]
  package let environment: Environment
}

extension Report {
  package struct Tool: Hashable, Sendable, Decodable {
    package let name: String
    package let version: String
  }

  package struct Experiment: Hashable, Sendable, Decodable {
    package let name: String
    package let seed: UInt64
    /// ISO 8601.
    package let startedAt: String?
    package let seconds: Double?
  }

  package struct Goal: Hashable, Sendable, Decodable {
    package let direction: Objective.Direction
    package let expression: String
  }

  package struct Bound: Hashable, Sendable, Decodable {
    package let metric: String
    package let max: Double
    /// The stress test itself looks for the greatest load that holds this bound.
    package let heldByStressTest: Bool
  }

  /// Prices per hour.
  package struct CostTable: Hashable, Sendable, Decodable {
    package let fixed: Double
    package let perUnit: [String: Double]
    package let perChoice: [String: [String: Double]]
  }

  package struct Limits: Hashable, Sendable, Decodable {
    package let trialsMax: Int
    package let regretTolerance: Double
    package let confidence: Double
  }

  package struct Sampled: Hashable, Sendable, Decodable {
    package let visited: Int
    package let pruned: Int
    package let total: Int
    package let share: Double
  }

  /// A number with its 90 % interval.
  package struct Estimate: Hashable, Sendable, Decodable {
    package let expected: Double
    package let lower: Double?
    package let upper: Double?

    package init(expected: Double, lower: Double? = nil, upper: Double? = nil) {
      self.expected = expected
      self.lower = lower
      self.upper = upper
    }
  }

  /// The state of the search once a trial had ended.
  package struct Progress: Hashable, Sendable, Decodable {
    package let ordinal: Int
    /// The best objective so far; nil while nothing was feasible.
    package let incumbent: Double?
    package let regretBound: Double?
  }

  package struct Curves: Hashable, Sendable, Decodable {
    package let recommended: LoadCurve?
    package let baseline: LoadCurve?

    package init(recommended: LoadCurve? = nil, baseline: LoadCurve? = nil) {
      self.recommended = recommended
      self.baseline = baseline
    }
  }

  package struct PatchTexts: Hashable, Sendable, Decodable {
    /// A kustomization with the patch in it, as YAML.
    package let kustomize: String?
    /// The whole patched Inference, as YAML.
    package let inference: String?

    package init(kustomize: String? = nil, inference: String? = nil) {
      self.kustomize = kustomize
      self.inference = inference
    }
  }

  package struct Environment: Hashable, Sendable, Decodable {
    /// What it ran on, in words.
    package let machine: String?
    /// The command line that made the report.
    package let command: String?

    package init(machine: String? = nil, command: String? = nil) {
      self.machine = machine
      self.command = command
    }
  }
}

extension Report {
  package struct Baseline: Hashable, Sendable, Decodable {
    package let configuration: Spec?
    package let measured: [String: Double]?
    package let objective: Double?
    /// Why it could not be measured, or which bound it breaks.
    package let reason: String?
  }

  package struct Advice: Hashable, Sendable, Decodable {
    package let config: Spec
    package let expected: [String: Double]
    package let lower: [String: Double]
    package let upper: [String: Double]
    /// No other configuration is better by more than this fraction, with 90 % credibility.
    package let regret: Double?
    package let reason: String
    /// The trial that measured it; nil when only the model has seen it.
    package let trial: Int?
    package let costPerHour: Double?
  }

  package struct Miss: Hashable, Sendable, Decodable {
    package let trial: Int?
    package let configuration: Spec?
    package let toRelax: [String]
  }

  /// One trial that ended.
  package struct Entry: Hashable, Sendable, Decodable {
    package enum Outcome: String, Hashable, Sendable, Decodable { case measured, infeasible }

    package let ordinal: Int
    package let configuration: Spec
    package let outcome: Outcome
    /// One sentence: why it is infeasible, or which bound its measurement breaks.
    package let reason: String?
    /// The same in a few words that are equal for equal kinds of failure.
    package let reasonKind: String?
    /// What was measured, also before it failed.
    package let measured: [String: Double]?
    package let lower: [String: Double]
    package let upper: [String: Double]
    /// As measured; also where a bound is broken.
    package let objective: Double?
    /// Measured, and every bound held.
    package let feasible: Bool
    package let costPerHour: Double?
    package let seconds: Double?
    /// `sound`, `doubtful` or `unusable`: whether the load generator vouches for the numbers.
    package let verdict: String?
    package let doubts: [String]
    package let lastLogLines: [String]
    package let loadSteps: [LoadStep]
  }

  /// The baseline's entry, where it ended.
  var baselineEntry: Entry? { trials.first { $0.ordinal == 0 } }

  /// The entry that measured the recommended configuration.
  var recommendedEntry: Entry? {
    recommendation?.trial.flatMap { ordinal in trials.first { $0.ordinal == ordinal } }
  }

  /// Whether the advice is to change nothing.
  var recommendsBaseline: Bool {
    guard let advice = recommendation, let baseline = baseline.configuration else { return false }
    return advice.trial == 0
      || space.parameters.allSatisfy { $0.isSame(advice.config[$0.name], baseline[$0.name]) }
  }
}
