import CustomResources
import Foundation
import Testing
import Tuning

/// The examples are what they say.
@Suite struct ExampleTests {
  private static let manifests = Repository.paths.filter {
    $0.hasPrefix("deploy/examples/") && $0.hasSuffix("/service.yaml")
  }

  @Test(arguments: manifests)
  func `every example is read without a complaint`(path: String) {
    let (definition, diagnostics) = ExperimentDefinition.decode([
      Manifest(Repository.text(of: path), file: path)
    ])
    #expect(diagnostics.problems.isEmpty, "\(diagnostics)")
    #expect(definition?.baseline.assignments.count == definition?.space.parameters.count)
  }

  @Test func `the stand-in for a GPU has a row for every level, by the formula it names`() throws {
    let folder = "deploy/examples/gpu-sharing/"
    let (definition, _) = ExperimentDefinition.decode([
      Manifest(Repository.text(of: folder + "service.yaml"), file: "service.yaml")
    ])
    let space = try #require(definition?.space)
    let rows = Repository.text(of: folder + "profile.csv").split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",").compactMap { Double($0) } }
    let coreLevels = try #require(space["nvidia.com/gpucores"]).domain.levels
    let batchLevels = try #require(space["batchSize"]).domain.levels
    let cores = coreLevels.compactMap(\.magnitude)
    let batches = batchLevels.compactMap(\.magnitude)
    #expect(rows.count == cores.count * batches.count)
    for share in cores {
      for batch in batches {
        let row = try #require(rows.first { $0[0] == share && $0[1] == batch })
        let milliseconds = (4 + 0.9 * pow(batch, 0.9)) * pow(100 / share, 0.8)
        #expect(abs(row[2] - milliseconds) < 0.0051)
        #expect(row[3] == 1_400 + 180 * batch)
      }
    }
  }
}
