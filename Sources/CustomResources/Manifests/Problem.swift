/// One thing that is wrong with the input.
package struct Problem: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable {
    /// Nothing can be run.
    case error
    /// It runs, but perhaps not as its author thinks.
    case warning
  }

  package let severity: Severity
  /// Where: `service.yaml:12: spec.maxNumTrials`, or an option of the command line.
  package let location: String
  package let found: String
  /// What would be right; nil where `found` says it all.
  package let needed: String?

  package init(_ severity: Severity, at location: String, found: String, needed: String?) {
    self.severity = severity
    self.location = location
    self.found = found
    self.needed = needed
  }
}

extension Problem: CustomStringConvertible {
  /// *where: what was found; what is needed*
  package var description: String {
    "\(location): \(found)" + (needed.map { "; \($0)" } ?? "")
  }
}

/// All problems of an input, in the order in which they were met.
package struct Diagnostics: Hashable, Sendable {
  package var problems: [Problem]

  package init(_ problems: [Problem] = []) { self.problems = problems }

  package var errors: [Problem] { problems.filter { $0.severity == .error } }
  package var warnings: [Problem] { problems.filter { $0.severity == .warning } }
  package var hasErrors: Bool { problems.contains { $0.severity == .error } }
}

extension Diagnostics: CustomStringConvertible {
  /// A line for each problem: `error: …` or `warning: …`.
  package var description: String {
    problems.map { "\($0.severity.rawValue): \($0)" }.joined(separator: "\n")
  }
}

/// Where readers leave the problems that they meet, so that one pass finds them all. Lives for
/// the length of one decoding.
final class ProblemLog {
  private(set) var diagnostics = Diagnostics()

  func append(_ problem: Problem) {
    guard !diagnostics.problems.contains(problem) else { return }
    diagnostics.problems.append(problem)
  }

  func append(contentsOf other: Diagnostics) {
    for problem in other.problems { append(problem) }
  }
}
