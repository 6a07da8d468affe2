import Controllers
import CustomResources
import Foundation
import Kubernetes
import Reporting
import Tuning

/// The report of an experiment in a cluster.
struct ClusterReport {
  private let access: ClusterAccess
  private let study: ClusterStudy

  init(_ access: ClusterAccess, _ snapshot: ExperimentSnapshot) throws {
    self.access = access
    self.study = try ClusterStudy(snapshot)
  }

  /// - Parameter command: the arguments of this program.
  func files(folder: String, command: [String]) throws -> ReportFiles {
    let study = study
    let source = ReportSource(
      definition: study.definition, study: study.informedStudy,
      startedAt: study.startedAt?.description, duration: study.duration,
      stopReason: study.stopReason, notes: study.notes,
      environment: Report.Environment(
        machine: "a Kubernetes cluster, namespace \(access.namespace)",
        command: (["morphling"] + command).joined(separator: " ")),
      allowed: { study.allowed($0) })
    return try ReportFiles(source, folder: folder)
  }

  /// A directory with a run of this machine in it is not for others' results.
  static func check(_ folder: String) throws {
    guard !FileManager.default.fileExists(atPath: folder + "/run.json") else {
      throw Failure(
        .wrongInput,
        "error: \(folder): holds a run of this machine; name another directory with --output")
    }
  }
}
