import Foundation
import Kubernetes
import Tuning

/// An outcome as the JSON of a Trial's status: the same as in a journal.
enum OutcomeCoding {
  static func json(_ outcome: Outcome) -> JSONValue? {
    guard let data = try? JSONEncoder().encode(outcome) else { return nil }
    return try? JSONReader.decode(Array(data)).normalized
  }

  /// Nil where the JSON is no outcome.
  static func outcome(_ json: JSONValue) -> Outcome? {
    try? JSONDecoder().decode(Outcome.self, from: Data(JSONText.encode(json).utf8))
  }
}

extension JSONValue {
  /// The same with keys in order and whole numbers without a fraction: equal outcomes give equal
  /// texts.
  fileprivate var normalized: JSONValue {
    switch self {
    case .number(let number): JSONValue(normalizing: number)
    case .array(let array): .array(array.map(\.normalized))
    case .object(let object):
      .object(
        JSONObject(
          object.members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.normalized) }))
    default: self
    }
  }
}
