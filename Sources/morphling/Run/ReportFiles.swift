import BayesianOptimization
import Controllers
import CustomResources
import Foundation
import Kubernetes
import PerformanceCurves
import Reporting
import Tuning

/// The files that a run leaves, made from its journal.
struct ReportFiles {
  let report: Report
  private let directory: RunDirectory

  init(_ directory: RunDirectory) throws {
    self.directory = directory
    report = try Self.report(of: directory)
  }

  /// What is written, in the order of interest.
  var paths: [String] { contents.map { "\(directory.path)/\($0.name)" } }

  func write() throws {
    for (name, text) in contents {
      try Data(text.utf8).write(
        to: URL(filePath: directory.path).appending(path: name), options: .atomic)
    }
  }

  private var contents: [(name: String, text: String)] {
    let page = (try? Page(report).html()) ?? ""
    var files = [
      ("report.html", page), ("report.json", report.json),
      ("report.md", MarkdownReport(report).text), ("trials.csv", TrialTable(report).csv),
      ("profile.csv", RecordedProfile(report).csv),
      ("profile.json", RecordedProfile(report).sidecar),
    ]
    if let text = report.patches.inference { files.append(("inference.yaml", text)) }
    if let patch = report.patch { files.append(("patch.json", patch.text)) }
    if let text = report.patches.kustomize { files.append(("kustomization.yaml", text)) }
    return files
  }
}

// MARK: - The report's value

extension ReportFiles {
  private static func report(of directory: RunDirectory) throws -> Report {
    let experiment = try directory.experiment()
    let model = StudyModel(experiment.study)
    let conclusion = model.conclusion()
    var recommended: Configuration?
    if case .recommended(let recommendation) = conclusion {
      recommended = recommendation.configuration
    }
    let patches = try Patches(directory.resolved.definition, recommended)
    return Report(
      toolVersion: Version.text, study: experiment.study, startedAt: directory.inputs.startedAt,
      duration: directory.duration, sampling: model.sampling,
      stopReason: stopReason(directory.entries), conclusion: conclusion,
      gain: gain(model, recommended), regretBounds: regretBounds(experiment.study),
      curves: curves(experiment.study, recommended), patch: patches.patch, patches: patches.texts,
      notes: directory.notes,
      environment: Report.Environment(
        machine: Machine.description,
        command: (["morphling"] + directory.inputs.arguments).joined(separator: " ")))
  }

  private static func stopReason(_ entries: [JournalEntry]) -> StopReason? {
    for case .concluded(let reason) in entries.reversed() { return reason }
    return nil
  }

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
