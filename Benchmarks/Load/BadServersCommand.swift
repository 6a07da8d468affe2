import ArgumentParser
import Foundation
import StressTest
import Transport
import Tuning

/// What each bad server got.
struct BadServersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bad-servers",
    abstract: "What a closed loop of four users counts against servers of all bad kinds.")

  @Option(help: "The server with the faults.") var script = "Tests/TransportTests/server.py"

  private static let paths = [
    "/ok", "/500", "/redirect", "/reset", "/cut-head", "/cut", "/chunk-cut", "/chunk-garbage",
    "/chunk-overflow", "/two-lengths", "/negative-length", "/garbage", "/slow-loris", "/slow-head",
    "/hang", "/endless", "/endless-chunks", "/endless-head", "/endless-line", "/gzip-bomb",
    "/not-utf8", "/only-first", "/mute-after-first",
  ]

  func run() async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", script, "0"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let ports = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard ports.count == 4 else { throw Tool.Failure(description: "\(script): it doesn't start") }
    print("server                     seconds  MiB at most  what each request got")
    for path in Self.paths {
      await show(path, HTTPTarget(url: "http://127.0.0.1:\(ports[0])\(path)"))
    }
    let folder = URL(filePath: script).deletingLastPathComponent().path
    var expired = HTTPTarget(url: "https://localhost:\(ports[2])/ok")
    expired.security = SecureFiles(authorities: folder + "/expired.pem")
    await show("expired certificate", expired)
    await show("unknown authority", HTTPTarget(url: "https://localhost:\(ports[1])/ok"))
    var anonymous = HTTPTarget(url: "https://localhost:\(ports[3])/ok")
    anonymous.security = SecureFiles(authorities: folder + "/localhost.pem")
    await show("no certificate of ours", anonymous)
    await show("nobody listens", HTTPTarget(url: "http://127.0.0.1:1/"))
    await show("no such name", HTTPTarget(url: "http://morphling-test.invalid/"))
    let limit = rlimit(rlim_cur: 40, rlim_max: 20_000)
    withUnsafePointer(to: limit) { _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), $0) }
    await show("40 descriptors, 64 users", HTTPTarget(url: "http://127.0.0.1:\(ports[0])/hang"), 64)
  }

  private func show(_ name: String, _ target: HTTPTarget, _ users: Int = 4) async {
    let start = ContinuousClock.now
    let got: String
    do {
      let recording = try await Endpoint.live(target).send(
        LoadWindow(users: users, duration: .milliseconds(500), timeout: .seconds(1)))
      let counts = Dictionary(grouping: recording.requests, by: \.result).mapValues(\.count)
      got = counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key.rawValue)" }
        .joined(separator: ", ")
    } catch {
      got = "\(error)"
    }
    let seconds = (ContinuousClock.now - start).seconds
    print(
      name.padding(toLength: 26, withPad: " ", startingAt: 0),
      String(format: "%7.2f %12.0f ", seconds, ProcessMemory.peak), got)
  }
}
