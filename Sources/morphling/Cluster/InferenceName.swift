/// An Inference in a cluster as a user names it: `inference/embedder`.
struct InferenceName {
  let text: String

  /// Nil for anything else.
  init?(_ words: String) {
    let prefix = "inference/"
    guard words.hasPrefix(prefix), words.count > prefix.count else { return nil }
    text = String(words.dropFirst(prefix.count))
  }
}
