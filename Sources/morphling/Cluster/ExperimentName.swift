/// An experiment in a cluster as a user names it: `embedder` or `experiment/embedder`.
struct ExperimentName {
  let text: String
  /// Whether it can't be anything else, such as a directory.
  let isExplicit: Bool

  private static let prefixes = ["experiment/", "pe/", "profilingexperiment/"]

  init(_ words: String) {
    let prefix = Self.prefixes.first { words.hasPrefix($0) }
    text = String(words.dropFirst(prefix?.count ?? 0))
    isExplicit = prefix != nil
  }
}
