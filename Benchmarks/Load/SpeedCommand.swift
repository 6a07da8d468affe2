import ArgumentParser
import Foundation

/// Ours beside theirs, in turns, so that what else the machine does meets both.
struct SpeedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed",
    abstract: "Requests per second beside wrk and h2load, lag, and ten thousand connections.")

  @Option(help: "How often each pair runs; medians are printed.") var pairs = 5
  @Option(help: "Seconds of each run.") var seconds = 3
  @Option(help: "The core of the clients; the server has the next.") var core = 0
  @Option(help: "Connections in the last test.") var connections = 10_000

  func run() async throws {
    let server = try NginxServer(core: core + 1)
    print("64 at once, \(seconds) s, medians of \(pairs) pairs   ours/s   theirs/s  ratio  (each)")
    let plain = try compare("HTTP/1.1, beside wrk", [server.plain]) {
      try wrk(server.plain)
    }
    _ = try compare("TLS, beside wrk", [server.secure, "--authorities", server.certificate]) {
      try wrk(server.secure)
    }
    _ = try compare("HTTP/2, beside h2load", [server.second, "--http2"]) {
      try h2load(server.second)
    }
    let rate = 0.6 * plain
    for _ in 0..<pairs {
      let open = try ours([server.plain, "--rate", String(Int(rate))])
      print(
        "open loop, Poisson, \(Int(rate))/s: p99 lag \(text(open.lagP99, 3)) ms, "
          + "\(text(open.perSecond, 0))/s answered, \(open.failed) failed, "
          + "\(text(open.cpuMicroseconds, 1)) us of CPU a request")
    }
    let many = try ours([server.plain, "--users", String(connections)])
    print(
      "\(connections) connections: \(many.failed) failed, \(text(many.memory, 0)) MiB at most, "
        + "\(text(many.perSecond, 0))/s")
  }

  /// - Returns: our requests per second.
  private func compare(
    _ name: String, _ arguments: [String], theirs: () throws -> Double
  ) throws -> Double {
    var found: [(ours: Double, theirs: Double)] = []
    for pair in 0..<pairs {
      // Who goes first changes.
      let first = pair % 2 == 0 ? nil : try theirs()
      let our = try ours(arguments).perSecond
      found.append((our, try first ?? theirs()))
    }
    let ratios = found.map { $0.ours / max($0.theirs, 1) }
    let our = median(found.map(\.ours))
    print(
      name.padding(toLength: 40, withPad: " ", startingAt: 0),
      text(our, 0), text(median(found.map(\.theirs)), 0), text(median(ratios), 2),
      ratios.map { text($0, 2) }.joined(separator: " "))
    return our
  }

  private func ours(_ arguments: [String]) throws -> SentWindow {
    let words =
      ["-c", String(core), CommandLine.arguments[0], "send", "--seconds", String(seconds)]
      + arguments
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/taskset")
    process.arguments = words
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try JSONDecoder().decode(SentWindow.self, from: data)
  }

  private func wrk(_ url: String) throws -> Double {
    let text = try Tool.run(
      "chrt", "-r", "1", "taskset", "-c", String(core), "wrk", "-t1", "-c64", "-d\(seconds)s", url)
    return number(after: "Requests/sec:", in: text)
  }

  /// As many at once, over one connection like ours.
  private func h2load(_ url: String) throws -> Double {
    let text = try Tool.run(
      "chrt", "-r", "1", "taskset", "-c", String(core), "h2load", "-t1", "-c1", "-m64",
      "-D\(seconds)", url)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("finished in") })
    else { return 0 }
    return Double(line.split(separator: " ").dropFirst(3).first ?? "") ?? 0
  }

  private func number(after label: String, in text: String) -> Double {
    guard let range = text.firstRange(of: label) else { return 0 }
    return Double(text[range.upperBound...].split(whereSeparator: \.isWhitespace).first ?? "") ?? 0
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private func text(_ number: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", number)
  }
}
