import Foundation

/// A text that is no result.
package struct StressResultError: Error, Hashable, CustomStringConvertible {
  package let text: String
  package var description: String {
    "stress result: found \"\(text.prefix(60))\"; the JSON that morphling stress writes is needed"
  }
}

extension StressResult {
  /// The version of the form; a reader refuses others.
  static let formatVersion = 1

  /// All of it as JSON, members in alphabetical order. Read back, it is equal.
  package func json() throws -> String { try encoded(asRows: false) }

  /// Reads either form.
  package init(json text: String) throws(StressResultError) {
    do {
      self = try JSONDecoder().decode(StressResult.self, from: Data(text.utf8))
    } catch {
      throw StressResultError(text: text)
    }
  }

  /// - Parameter asRows: steps as arrays of numbers in place of objects.
  func encoded(asRows: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.userInfo[.stepsAsRows] = asRows
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension CodingUserInfoKey {
  /// The initializer fails for no text at all.
  static let stepsAsRows = CodingUserInfoKey(rawValue: "stepsAsRows") ?? { preconditionFailure() }()
}
