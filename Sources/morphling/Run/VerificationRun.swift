import BayesianOptimization
import Controllers
import Foundation
import Reporting
import Tuning

/// Measures the recommended configuration and the baseline in turn.
struct VerificationRun {
  let directory: RunDirectory
  let repeats: Int
  let progress: ProgressStyle

  /// One measurement of one of the two.
  private struct Row {
    let role: String
    let outcome: Outcome
    let objective: Double?
  }

  func run() async throws {
    let experiment = try directory.experiment()
    guard case .recommended(let recommendation) = StudyModel(experiment.study).conclusion() else {
      throw Failure(
        .nothingFeasible, "error: \(directory.path): nothing is recommended yet; tune first")
    }
    let baseline = experiment.study.trials.first { $0.ordinal == 0 }?.configuration
    let roles = [("baseline", baseline), ("recommended", recommendation.configuration)]
    let rows = try await Interruption().watching {
      try await Trials(directory: directory).withRunner(note: { _ in }) { runner in
        var rows: [Row] = []
        for turn in 0..<repeats {
          for (offset, (role, configuration)) in roles.enumerated() {
            guard let configuration else { continue }
            // Numbers beyond every trial's, so that logs and chance are their own.
            let ordinal = 10_000 + 2 * turn + offset
            let outcome = try await runner.run(ordinal, configuration, nil) { _ in }
            let row = Row(
              role: role, outcome: outcome,
              objective: experiment.study.feasibleObjective(
                of: Trial(ordinal: ordinal, configuration: configuration, outcome: outcome)))
            rows.append(row)
            Self.show(row, turn: turn + 1)
          }
        }
        return rows
      }
    }
    conclude(rows)
    let text = Self.json(rows).text
    try Data(text.utf8).write(
      to: URL(filePath: directory.path).appending(path: "verification.json"), options: .atomic)
  }

  private static func show(_ row: Row, turn: Int) {
    let role = row.role.padding(toLength: 12, withPad: " ", startingAt: 0)
    print("\(turn)  \(role)  \(text(row))")
  }

  private static func text(_ row: Row) -> String {
    switch row.outcome {
    case .pending: return "not measured"
    case .infeasible(let why): return "infeasible: \(why.reason.rawValue): \(why.detail)"
    case .measured(let measurement):
      let parts = [
        measurement[.throughput].map { "\(Figure.text($0)) req/s" },
        measurement[.latencyP99].map { "p99 \(Figure.text($0)) ms" },
        row.objective.map { "objective \(Figure.text($0))" },
      ]
      return parts.compactMap { $0 }.joined(separator: "  ")
    }
  }

  private func conclude(_ rows: [Row]) {
    let means = ["baseline", "recommended"].map { role in
      Self.mean(rows.filter { $0.role == role }.compactMap(\.objective))
    }
    guard let before = means[0], let after = means[1], before != 0 else { return }
    print(
      "mean objective: \(Figure.text(before)) before, \(Figure.text(after)) recommended: "
        + "\(Figure.text(after / before)) times")
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private static func json(_ rows: [Row]) -> JSON {
    .array(
      rows.map { row in
        var reason: String?
        if case .infeasible(let why) = row.outcome { reason = why.detail }
        var measured: JSON = .null
        if case .measured(let measurement) = row.outcome {
          measured = JSON(
            Dictionary(
              measurement.values.map { ($0.key.name, $0.value) }, uniquingKeysWith: { $1 }))
        }
        return [
          "role": .string(row.role), "measured": measured, "objective": JSON(row.objective),
          "reason": JSON(reason),
        ]
      })
  }
}
