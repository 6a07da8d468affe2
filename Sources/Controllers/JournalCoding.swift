import Foundation
package import Tuning

/// Journal entries as lines of JSON, one object a line.
package struct JournalCoding: Sendable {
  private let space: SearchSpace

  package init(_ space: SearchSpace) { self.space = space }

  package func line(_ entry: JournalEntry) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Line(entry)), as: UTF8.self)
  }

  /// - Parameter number: of the line, for the error.
  package func entry(_ line: String, number: Int) throws(JournalError) -> JournalEntry {
    guard let decoded = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
      throw .malformed(
        line: number, found: "\"\(line.prefix(60))\"", needed: "an entry of a journal")
    }
    switch decoded {
    case .started(let started):
      return .started(
        ordinal: started.ordinal, try configuration(started.configuration, number))
    case .finished(let finished):
      return .finished(
        ordinal: finished.ordinal, finished.outcome, .seconds(finished.seconds))
    case .concluded(let reason): return .concluded(reason)
    case .noted(let sentence): return .noted(sentence)
    }
  }

  private func configuration(
    _ levels: [Line.Level], _ number: Int
  ) throws(JournalError) -> Configuration {
    var assignments: [Configuration.Assignment] = []
    for level in levels {
      guard let parameter = space[ParameterName(level.name)],
        let read = parameter.domain.level(reading: level.level)
      else {
        throw .malformed(
          line: number, found: "\(level.name)=\(level.level)",
          needed: "a parameter of this experiment with a level of its kind")
      }
      assignments.append(.init(name: parameter.name, level: read))
    }
    return Configuration(assignments)
  }

  /// The shape of a line.
  private enum Line: Codable {
    struct Level: Codable {
      let name: String
      let level: String
    }
    struct Started: Codable {
      let ordinal: Int
      let configuration: [Level]
    }
    struct Finished: Codable {
      let ordinal: Int
      let outcome: Outcome
      let seconds: Double
    }

    case started(Started)
    case finished(Finished)
    case concluded(StopReason)
    case noted(String)

    init(_ entry: JournalEntry) {
      switch entry {
      case .started(let ordinal, let configuration):
        self = .started(
          Started(
            ordinal: ordinal,
            configuration: configuration.assignments.map {
              Level(name: $0.name.text, level: $0.level.text)
            }))
      case .finished(let ordinal, let outcome, let duration):
        self = .finished(
          Finished(ordinal: ordinal, outcome: outcome, seconds: duration.seconds))
      case .concluded(let reason): self = .concluded(reason)
      case .noted(let sentence): self = .noted(sentence)
      }
    }

    private enum Key: String, CodingKey { case started, finished, concluded, noted }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      if let started = try container.decodeIfPresent(Started.self, forKey: .started) {
        self = .started(started)
      } else if let finished = try container.decodeIfPresent(Finished.self, forKey: .finished) {
        self = .finished(finished)
      } else if let sentence = try container.decodeIfPresent(String.self, forKey: .noted) {
        self = .noted(sentence)
      } else {
        self = .concluded(try container.decode(StopReason.self, forKey: .concluded))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      switch self {
      case .started(let started): try container.encode(started, forKey: .started)
      case .finished(let finished): try container.encode(finished, forKey: .finished)
      case .concluded(let reason): try container.encode(reason, forKey: .concluded)
      case .noted(let sentence): try container.encode(sentence, forKey: .noted)
      }
    }
  }
}
