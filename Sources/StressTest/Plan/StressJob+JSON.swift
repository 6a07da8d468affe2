import Foundation

extension StressJob {
  /// The job as JSON on one line: for a file, an argument or an environment variable.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Reads a job; members that are left out have their defaults, unknown ones are refused.
  package init(json text: String) throws(StressJobError) {
    do {
      self = try JSONDecoder().decode(StressJob.self, from: Data(text.utf8))
    } catch let error as DecodingError {
      throw StressJobError(error)
    } catch {
      throw StressJobError(
        .dataCorrupted(.init(codingPath: [], debugDescription: "\(error)")))
    }
  }
}
