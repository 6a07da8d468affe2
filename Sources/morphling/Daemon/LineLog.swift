import Foundation
import Glibc
import Kubernetes
import Logging
import Transport

/// How lines of the log are written.
enum LogFormat: String, CaseIterable, Sendable {
  /// `time level message key=value …`, for people.
  case text
  /// One JSON object a line, for programs.
  case json
}

/// The least that is logged.
enum LogLevel: String, CaseIterable, Sendable {
  case debug, info, warning, error

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}

/// Writes each event as one line to standard error.
struct LineLog: LogHandler {
  let format: LogFormat
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel = Logger.Level.info

  init(format: LogFormat) { self.format = format }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }
      .merging(event.metadata ?? [:]) { $1 }
    if let error = event.error { fields["error"] = "\(error)" }
    let sorted = fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    let line = Self.line(
      format, time: Timestamp.now().microText, level: event.level.rawValue,
      message: event.message.description, fields: sorted)
    // In one piece, so that lines of several tasks don't mix.
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  static func line(
    _ format: LogFormat, time: String, level: String, message: String,
    fields: [(String, String)]
  ) -> String {
    switch format {
    case .text:
      let parts = fields.map { "\($0)=\(quoted($1))" }
      let oneLine = message.replacing("\n", with: " | ")
      return ([time, level, oneLine] + parts).joined(separator: " ")
    case .json:
      let members: [(String, JSONValue)] =
        [("time", .string(time)), ("level", .string(level)), ("message", .string(message))]
        + fields.map { ($0, .string($1)) }
      return JSONText.encode(.object(JSONObject(members)))
    }
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = !text.isEmpty && !text.contains { $0.isWhitespace || $0 == "\"" || $0 == "=" }
    return isPlain ? text : JSONText.encode(.string(text))
  }
}
