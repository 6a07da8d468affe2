import ArgumentParser
import Foundation

/// Which problems are meant.
struct ProblemOptions: ParsableArguments {
  @Option(help: "Services by name; all eight where none is given. 'none' for none.")
  var services: [String] = []

  @Option(help: "As many fresh services instead of the eight.")
  var draw: Int?

  @Option(help: "Decides which services are drawn.")
  var drawSeed: UInt64 = 1

  @Option(help: "A list of problems on recorded tables.")
  var recorded: String?

  @Option(help: "The folder of the recorded tables.")
  var tables = "profiles"

  func problems() throws -> [BenchmarkProblem] {
    try synthetic().map { service in
      var problem = try service.problem()
      problem.earlier = service.earlier
      return problem
    } + recordedProblems()
  }

  private func synthetic() throws -> [SyntheticService] {
    if let draw { return SyntheticService.drawn(draw, seed: drawSeed) }
    if services == ["none"] { return [] }
    guard !services.isEmpty else { return SyntheticService.named }
    return try services.flatMap { name in
      let found = SyntheticService.named.filter { $0.name == name }
      guard !found.isEmpty || recorded != nil else {
        throw ValidationError(
          "no service \"\(name)\"; there are "
            + SyntheticService.named.map(\.name).joined(separator: ", "))
      }
      return found
    }
  }

  private func recordedProblems() throws -> [BenchmarkProblem] {
    guard let recorded else { return [] }
    return try RecordedProblem.list(recorded)
      .filter { services.isEmpty || services == ["none"] || services.contains($0.name) }
      .compactMap { try $0.problem(tables: tables) }
  }
}
