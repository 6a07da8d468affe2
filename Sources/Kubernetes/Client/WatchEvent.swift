/// What a watch tells.
package enum WatchEvent: Hashable, Sendable {
  case added(KubernetesObject)
  case modified(KubernetesObject)
  /// With the object's last state.
  case deleted(KubernetesObject)
  /// Nothing up to this resource version was left out.
  case bookmark(resourceVersion: String)
  /// The watch ends: with `expired`, list again.
  case error(APIFailure)
}

extension WatchEvent {
  /// The version after which a later watch goes on; nil for an error.
  package var resourceVersion: String? {
    switch self {
    case .added(let object), .modified(let object), .deleted(let object): object.resourceVersion
    case .bookmark(let resourceVersion): resourceVersion
    case .error: nil
    }
  }

  /// Reads a line of the stream.
  package init(line: [UInt8], operation: String) throws(APIFailure) {
    let json: JSONValue
    do {
      json = try JSONReader.decode(line)
    } catch {
      throw APIFailure(.unreadable, operation: operation, message: error.description)
    }
    let object = KubernetesObject(json["object"] ?? .null)
    switch json["type"]?.string {
    case "ADDED": self = .added(object)
    case "MODIFIED": self = .modified(object)
    case "DELETED": self = .deleted(object)
    case "BOOKMARK": self = .bookmark(resourceVersion: object.resourceVersion ?? "")
    case "ERROR": self = .error(APIFailure(status: object.json, operation: operation))
    default:
      throw APIFailure(
        .unreadable, operation: operation,
        message: "an event of type \(json["type"]?.summary ?? "nothing")")
    }
  }
}

/// Cuts a stream of bytes into lines, wherever its pieces were cut.
struct LineBuffer: Sendable {
  private var bytes: [UInt8] = []
  private var start = 0
  /// Up to here there is no end of line.
  private var searched = 0

  mutating func append(_ piece: [UInt8]) {
    if start > 0 {
      bytes.removeFirst(start)
      searched -= start
      start = 0
    }
    bytes += piece
  }

  /// The next whole line without its end; empty lines are left out.
  mutating func next() -> [UInt8]? {
    while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[start..<end]
      start = end + 1
      searched = start
      if !line.isEmpty { return Array(line) }
    }
    searched = bytes.count
    return nil
  }

  /// Whether a line has begun that isn't whole.
  var isMidLine: Bool { start < bytes.count }
}
