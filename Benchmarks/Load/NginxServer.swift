import Foundation

/// nginx with one worker on one core: plain, with TLS, and HTTP/2 without.
final class NginxServer {
  let plain = "http://127.0.0.1:18181/"
  let secure = "https://localhost:18143/"
  let second = "http://127.0.0.1:18182/"
  var certificate: String { folder.path + "/certificate.pem" }
  private let folder: URL
  private let process = Process()

  init(core: Int) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "load-benchmark-nginx")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(String(repeating: "x", count: 200).utf8).write(
      to: folder.appending(path: "index.html"))
    try Data(configuration.utf8).write(to: folder.appending(path: "nginx.conf"))
    try Tool.run(
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
      folder.path + "/key.pem", "-out", certificate, "-days", "30", "-subj", "/CN=localhost",
      "-addext", "subjectAltName=DNS:localhost")
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "taskset", "-c", String(core), "nginx", "-p", folder.path, "-c", "nginx.conf",
    ]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["PATH": "/usr/sbin:/usr/bin:/bin"]) { $1 }
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<100 where (try? Tool.run("curl", "-sf", "-o", "/dev/null", plain)) == nil {
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  private var configuration: String {
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path temporary;" }.joined(separator: " ")
    return """
      daemon off; worker_processes 1; pid nginx.pid; error_log errors.log crit;
      worker_rlimit_nofile 20000;
      events { worker_connections 16000; }
      http {
        access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; \(folders)
        ssl_certificate certificate.pem; ssl_certificate_key key.pem; root .;
        server { listen 127.0.0.1:18181 backlog=4096; }
        server { listen 127.0.0.1:18143 ssl backlog=4096; }
        server { listen 127.0.0.1:18182 http2; }
      }
      """
  }
}

/// A program that runs to its end.
enum Tool {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// What it printed.
  @discardableResult
  static func run(_ words: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        description: "\(words.joined(separator: " ")): status \(process.terminationStatus)")
    }
    return text
  }
}
