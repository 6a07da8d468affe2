import Foundation
import Testing

/// A text that people read, kept beside the tests. With RECORD_GOLDENS=1 in the environment, the
/// file is rewritten and the test fails once.
func expectGolden(
  _ text: String, _ name: String, file: String = #filePath,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let url = URL(filePath: file).deletingLastPathComponent().appending(path: "Goldens/\(name)")
  if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
    try Data(text.utf8).write(to: url)
    Issue.record(
      "recorded \(name); run again without RECORD_GOLDENS", sourceLocation: sourceLocation)
    return
  }
  let golden = try String(decoding: Data(contentsOf: url), as: UTF8.self)
  #expect(text == golden, sourceLocation: sourceLocation)
}
