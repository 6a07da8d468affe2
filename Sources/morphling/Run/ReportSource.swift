import BayesianOptimization
import CustomResources
import Kubernetes
import PerformanceCurves
import Reporting
import Tuning

/// What a report is made of, whether a search ran on this machine or in a cluster.
struct ReportSource {
  let definition: ExperimentDefinition
  let study: Study
  /// ISO 8601; nil where it isn't known.
  let startedAt: String?
  let duration: Duration
  /// Nil while the search goes on, and where it was stopped.
  let stopReason: StopReason?
  /// Sentences that a reader of the numbers should know.
  let notes: [String]
  let environment: Report.Environment
  /// What is written into the container for a recommended configuration, where its owner sets
  /// bounds.
  var allowed: (Configuration) -> Configuration = { $0 }

  /// - Throws: where the recommendation can't be written into the service's manifest.
  func report() throws -> Report {
    let model = StudyModel(study)
    let conclusion = model.conclusion()
    var recommended: Configuration?
    if case .recommended(let recommendation) = conclusion {
      recommended = recommendation.configuration
    }
    let patches = try Patches(definition, recommended.map(allowed))
    return Report(
      toolVersion: Version.text, study: study, startedAt: startedAt, duration: duration,
      sampling: model.sampling, stopReason: stopReason, conclusion: conclusion,
      gain: Self.gain(model, recommended), regretBounds: Self.regretBounds(study),
      curves: Self.curves(study, recommended), patch: patches.patch, patches: patches.texts,
      notes: notes, environment: environment)
  }
}

// MARK: - Parts

extension ReportSource {
  private static func gain(_ model: StudyModel, _ recommended: Configuration?) -> Report.Estimate? {
    let study = model.study
    guard let recommended, let baseline = study.trials.first, baseline.ordinal == 0,
      study.feasibleObjective(of: baseline) != nil,
      let gain = model.gain(of: recommended, over: baseline.configuration)
    else { return nil }
    return Report.Estimate(
      expected: gain.expected, lower: gain.interval.lower, upper: gain.interval.upper)
  }

  /// The regret bound as it was after each trial.
  private static func regretBounds(_ study: Study) -> [Int: Share] {
    var result: [Int: Share] = [:]
    let finished = study.trials.filter { !$0.isPending }
    for count in finished.indices.map({ $0 + 1 }) {
      var earlier = study
      earlier.trials = Array(finished.prefix(count))
      result[finished[count - 1].ordinal] = StudyModel(earlier).regretBound()
    }
    return result
  }

  private static func curves(_ study: Study, _ recommended: Configuration?) -> Report.Curves {
    let best = study.trials.last {
      $0.configuration == recommended && $0.measurement != nil
    }
    return Report.Curves(
      recommended: best.flatMap(curve),
      baseline: study.trials.first { $0.ordinal == 0 }.flatMap(curve))
  }

  private static func curve(_ trial: Trial) -> Reporting.LoadCurve? {
    guard let steps = trial.measurement?.loadSteps, !steps.isEmpty else { return nil }
    let fitted = PerformanceCurves.LoadCurve(fitting: steps)
    let points = fitted?.points(count: 40).map { point in
      Reporting.LoadCurve.Point(
        offeredRate: point.load.perSecond, achievedRate: point.throughput, p50: point.p50.value,
        p99: point.p99.value, p99Lower: point.p99.interval.lower,
        p99Upper: point.p99.interval.upper)
    }
    return Reporting.LoadCurve(
      points: points ?? [], loadSteps: steps, kneeRate: fitted?.knee?.perSecond,
      capacityRate: fitted?.capacity?.rate.perSecond)
  }
}

/// The recommendation as patches of the service's manifest.
private struct Patches {
  var patch: JSON?
  var texts = Report.PatchTexts()

  init(_ definition: ExperimentDefinition, _ recommended: Configuration?) throws {
    guard let writer = definition.writer, let recommended else { return }
    let patch = try writer.patch(for: recommended)
    self.patch = try JSON(reading: JSONText.encode(patch.json))
    texts = Report.PatchTexts(
      kustomize: Kustomization.text(patch, target: writer.target),
      inference: YAMLText.encode(try writer.document(with: recommended)))
  }
}
