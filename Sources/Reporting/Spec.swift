package import Tuning

/// A configuration as the report holds it: for each parameter its level as JSON, a number where
/// the domain is of numbers and a text otherwise.
package struct Spec: Hashable, Sendable, Decodable {
  let levels: [String: JSON]

  init(_ configuration: Configuration) {
    levels = Dictionary(
      configuration.assignments.map { ($0.name.text, JSON(level: $0.level)) },
      uniquingKeysWith: { first, _ in first })
  }

  package init(from decoder: any Decoder) throws {
    levels = try decoder.singleValueContainer().decode([String: JSON].self)
  }

  /// The level as it is written into a container spec; nil where the parameter isn't set.
  package subscript(name: String) -> String? { levels[name]?.levelText }
}

extension JSON {
  init(level: Level) {
    switch level {
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self.init(number)
    case .quantity, .choice: self = .string(level.text)
    }
  }

  /// A level as a person writes it.
  var levelText: String {
    if case .string(let string) = self { string } else { line }
  }
}

extension Report {
  package struct Space: Hashable, Sendable, Decodable {
    /// How many configurations are allowed.
    package let configurations: Int
    package let parameters: [Knob]

    /// The parameters' levels in their order: `cpu=2 memory=1Gi`.
    func line(_ spec: Spec) -> String {
      parameters.compactMap { knob in spec[knob.name].map { "\(knob.name)=\($0)" } }
        .joined(separator: " ")
    }

    func json(_ spec: Spec) -> JSON {
      .object(
        parameters.compactMap { knob in
          spec.levels[knob.name].map { JSON.Member(key: knob.name, value: $0) }
        })
    }
  }

  /// A parameter and its levels.
  package struct Knob: Hashable, Sendable, Decodable {
    package let name: String
    package let kind: Domain.Kind
    package let scale: Domain.Scale
    /// Where the level is written: `resource cpu`, `environment INSTANCES`, ….
    package let target: String
    package let levels: [JSON]

    var levelTexts: [String] { levels.map(\.levelText) }

    /// Whether two levels mean the same; `1024Mi` is `1Gi`.
    func isSame(_ left: String?, _ right: String?) -> Bool {
      guard let left, let right else { return left == right }
      if left == right { return true }
      guard let a = magnitude(of: left), let b = magnitude(of: right) else { return false }
      return a == b
    }

    /// The level in base units; nil for a choice.
    func magnitude(of text: String) -> Double? {
      switch kind {
      case .quantities: (try? Quantity(text))?.amount
      case .integers, .numbers: Double(text)
      case .choices: nil
      }
    }
  }
}
