import Foundation
import StressTest
import Testing
import Transport
import Tuning

/// `server.py` beside this file, running: an HTTP server with the faults that a path names.
final class FaultyServer: Sendable {
  let port: Int
  /// With TLS, with a certificate that has expired, and for clients with a certificate alone.
  let securePort: Int
  let expiredPort: Int
  let mutualPort: Int
  private let process: ChildProcess

  static let script =
    Bundle.module.path(forResource: "server", ofType: "py") ?? "server.py is no resource"

  /// One for all tests that leave it as it was.
  static let shared = Result { try FaultyServer() }

  init() throws {
    process = try ChildProcess(["python3", Self.script, "0"], output: .pipe)
    let ports = process.firstLine().split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    (port, securePort, expiredPort, mutualPort) =
      ports.count == 4 ? (ports[0], ports[1], ports[2], ports[3]) : (0, 0, 0, 0)
  }

  /// Both the certificate and the key of the servers with TLS, for "localhost".
  static let certificate = certificate("localhost")
  static let expiredCertificate = certificate("expired")

  private static func certificate(_ name: String) -> String {
    Bundle.module.path(forResource: name, ofType: "pem") ?? "\(name).pem is no resource"
  }

  func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  func endpoint(
    _ path: String, expecting expectation: ResponseExpectation = .status
  ) -> Endpoint {
    .live(HTTPTarget(url: url(path), expectation: expectation))
  }
}

extension ChildProcess {
  /// What a server prints when it listens; nothing if that takes a minute.
  func firstLine() -> String {
    firstLine(until: .now + .seconds(60))
  }
}

/// Waits until a condition holds; a test that waits in vain fails.
func eventually(
  _ what: Comment, within limit: Duration = .seconds(120),
  _ condition: () async throws -> Bool
) async throws {
  let start = ContinuousClock.now
  while try await !condition() {
    try #require(ContinuousClock.now - start < limit, what)
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Requests at equal distances.
func steadyWindow(
  perSecond rate: Int, for duration: Duration, timeout: Duration = .seconds(5),
  outstandingMax: Int = 1_000
) -> LoadWindow {
  let count = Int(duration.seconds * Double(rate))
  return LoadWindow(
    intendedStarts: (0..<count).map { Int64($0) * 1_000_000_000 / Int64(rate) },
    duration: duration, timeout: timeout, outstandingMax: outstandingMax)
}

/// A folder that is removed with its owner.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "transport-tests-" + UUID().uuidString.lowercased()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ content: String = "") throws -> String {
    let path = path + "/" + name
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }
}
