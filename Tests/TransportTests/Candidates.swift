import Foundation
import StressTest
import Testing
import Transport
import Tuning

/// A candidate that runs the command and is asked for on a port that nobody listens on.
func specification(
  _ name: String, _ command: [String], in folder: TemporaryFolder, cpuLimit: Double? = nil,
  memoryLimit: ByteCount? = nil, readiness: ProcessSpecification.Readiness = .tcp(port: 1)
) -> ProcessSpecification {
  ProcessSpecification(
    name: name, executable: command[0], arguments: Array(command.dropFirst()),
    environment: ["MARK": "of-\(name)"], workingDirectory: folder.path, cpuLimit: cpuLimit,
    memoryLimit: memoryLimit, readiness: readiness, logFile: folder.path + "/\(name).log",
    target: HTTPTarget(url: "http://127.0.0.1:1/"))
}

/// Whether the process is there and no zombie.
func isAlive(_ process: Int32) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
    return false
  }
  return !stat.contains(") Z ")
}

/// How the candidate ended, once it has.
func ending(of candidate: Candidate) async -> String {
  while true {
    if case .ended(let how) = await candidate.state() { return how }
    try? await Task.sleep(for: .milliseconds(10))
  }
}

/// The first line that the candidate writes, once it has.
func firstLine(of candidate: Candidate) async -> String {
  while true {
    if let line = await candidate.lastLogLines(1).first { return line }
    try? await Task.sleep(for: .milliseconds(10))
  }
}
