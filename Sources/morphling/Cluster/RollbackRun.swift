import Controllers
import CustomResources
import Foundation
import Kubernetes
import Transport

/// A run of `morphling rollback`, from the request to its end.
struct RollbackRun: Sendable {
  let rollback: Rollback
  let inference: ObjectKey
  let waits: Bool

  /// - Throws: `Failure` with the status to end with, unless the old values are back.
  func run() async throws {
    let (last, wereBack): ([Rollback.Progress], Set<String>)
    do {
      (last, wereBack) = try await Interruption().watching { try await followed() }
    } catch is CancellationError {
      throw Failure(
        .interrupted, "interrupted: what is written stays; ask again to see how far it is")
    }
    let failures = last.compactMap(failure)
    if !failures.isEmpty {
      throw Failure(.failure, failures.map { "error: \($0)" }.joined(separator: "\n"))
    }
    for progress in last {
      print(end(of: progress, wasBack: wereBack.contains(progress.predictor)))
    }
  }

  /// Where every predictor stands in the end, and those whose old values were back already.
  private func followed() async throws -> ([Rollback.Progress], Set<String>) {
    var told: Set<String> = []
    var wereBack: Set<String>?
    let changes = rollback.changes(ContinuousClock()) { .random(in: 0..<1) }
    return try await changes.follow(every: .seconds(2)) {
      let all = try await rollback.advance(at: .now())
      wereBack = wereBack ?? Set(all.filter(\.wasDone).map(\.predictor))
      for progress in all where progress.stage.isUnderWay && waits {
        let sentence = "\(place(of: progress)): \(progress.stage.message)"
        if told.insert(sentence).inserted {
          FileHandle.standardError.write(Data("\(sentence)\n".utf8))
        }
      }
      let isOver = all.allSatisfy { waits ? !$0.stage.isUnderWay : $0.isWritten }
      return isOver ? (all, wereBack ?? []) : nil
    }
  }

  private func place(of progress: Rollback.Progress) -> String {
    "Inference \(inference), predictor \(progress.predictor)"
  }

  private func end(of progress: Rollback.Progress, wasBack: Bool) -> String {
    let changes = progress.changes.map(\.reversed).joined(separator: ", ")
    let pods =
      progress.stage.isUnderWay
      ? "; \(progress.stage.message)" : waits ? "; its pods are ready" : ""
    let verb = wasBack ? "were back already" : "are back"
    return "\(place(of: progress)): the old values \(verb): \(changes)\(pods)"
  }

  /// Nil where the old values are back, or will be.
  private func failure(_ progress: Rollback.Progress) -> String? {
    let place = place(of: progress)
    switch progress.stage {
    case .rolledBack, .rollingBack: return nil
    case .changedSince(let differences):
      let old = progress.changes.map(\.reversed).joined(separator: ", ")
      return "\(place): \(differences.joined(separator: "; ")): it was changed after the "
        + "recommendation was written, and nothing is rolled back; write by hand what you want of "
        + "\(old)"
    default: return "\(place): \(progress.stage.reason): \(progress.stage.message)"
    }
  }
}

extension Rollback.Progress {
  /// Whether the Inference and its Deployment have been written to, or won't be.
  fileprivate var isWritten: Bool {
    if case .conflict = stage { return false }
    return true
  }
}
