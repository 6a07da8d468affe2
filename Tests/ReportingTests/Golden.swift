import Foundation
import Testing

/// A text that a person has looked at and found good, kept beside the tests.
/// `RECORD_GOLDENS=1` writes it anew; the test then fails once, saying so.
enum Golden {
  static func expect(
    _ text: String, is name: String, file: String = #filePath,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let place = URL(fileURLWithPath: file).deletingLastPathComponent()
      .appendingPathComponent("Goldens").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
      try Data(text.utf8).write(to: place)
      Issue.record(
        "\(name) was recorded; look at it, then run without RECORD_GOLDENS",
        sourceLocation: location)
      return
    }
    let golden = try String(contentsOf: place, encoding: .utf8)
    guard text != golden else { return }
    let (new, old) = (
      text.split(separator: "\n", omittingEmptySubsequences: false),
      golden.split(separator: "\n", omittingEmptySubsequences: false)
    )
    let line =
      zip(new, old).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      ?? min(new.count, old.count)
    Issue.record(
      """
      \(name) differs from line \(line + 1):
      golden: \(line < old.count ? old[line] : "(ends)")
      now:    \(line < new.count ? new[line] : "(ends)")
      """, sourceLocation: location)
  }
}
