import ArgumentParser

/// How progress is shown.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  /// A live line in a terminal, plain lines elsewhere.
  case auto
  /// A line for each event.
  case plain
  /// A JSON object for each event, on standard output.
  case json
}
