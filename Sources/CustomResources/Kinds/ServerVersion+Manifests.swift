package import Kubernetes

/// What decides what a manifest may say.
extension ServerVersion {
  /// Reads `1.20`, `v1.31.2` or `1.20+`; nil for other texts.
  package init?(_ text: String) {
    let numbers = text.drop { $0 == "v" }.split(separator: ".", omittingEmptySubsequences: false)
    guard numbers.count >= 2, let major = Int(numbers[0]) else { return nil }
    let digits = numbers[1].prefix { $0.isASCII && $0.isNumber }
    guard let minor = Int(digits), numbers.count > 2 || numbers[1].count - digits.count <= 1 else {
      return nil
    }
    self.init(major: major, minor: minor)
  }

  /// What manifests are printed for unless something else is asked for: the oldest server that
  /// they are tried on. Later ones take the same.
  package static let oldest = ServerVersion(major: 1, minor: 20)

  /// Whether schemas may hold rules (`x-kubernetes-validations`): in beta, and so switched on,
  /// since 1.25.
  package var hasRules: Bool { self >= ServerVersion(major: 1, minor: 25) }
}
