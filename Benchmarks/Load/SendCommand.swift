import ArgumentParser
import Foundation
import StressTest
import Transport
import Tuning

/// Sends one window and prints what came of it, on one line: the client that `speed` compares.
struct SendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Send one window, and print its figures on one line.")

  @Argument var url: String
  @Option(help: "Closed loop of so many users.") var users = 64
  @Option(help: "Open loop: requests per second instead.") var rate: Double?
  @Option(help: "Seconds.") var seconds = 3.0
  @Flag(help: "HTTP/2.") var http2 = false
  @Option(help: "Certificates to trust.") var authorities: String?

  func run() async throws {
    var target = HTTPTarget(url: url)
    target.version = http2 ? .http2 : .http1
    target.security = SecureFiles(authorities: authorities)
    let duration = Duration.milliseconds(Int64(seconds * 1_000))
    let window: LoadWindow
    if let rate {
      window = LoadWindow(
        intendedStarts: ArrivalSchedule.poisson.intendedStarts(
          rate: Rate(perSecond: rate), duration: duration, seed: 1),
        duration: duration, timeout: .seconds(10), outstandingMax: 10_000)
    } else {
      window = LoadWindow(users: users, duration: duration, timeout: .seconds(30))
    }
    let recording = try await Endpoint.live(target).send(window)
    let requests = recording.requests
    let right = requests.count { $0.result == .success }
    let lags = requests.map(\.scheduleLag).sorted()
    let lag = lags.isEmpty ? 0 : lags[min(lags.count - 1, lags.count * 99 / 100)]
    let cpu = recording.generatorCPU / max(requests.count, 1)
    let sent = SentWindow(
      perSecond: Double(right) / seconds, failed: requests.count - right,
      lagP99: Double(lag) / 1e6,
      cpuMicroseconds: Double(cpu.components.attoseconds) / 1e12,
      memory: ProcessMemory.peak)
    print(String(decoding: try JSONEncoder().encode(sent), as: UTF8.self))
  }
}

/// What `send` prints.
struct SentWindow: Codable {
  let perSecond: Double
  let failed: Int
  /// In milliseconds.
  let lagP99: Double
  /// Of one request.
  let cpuMicroseconds: Double
  /// In mebibytes, at most.
  let memory: Double
}

enum ProcessMemory {
  /// The most that this process had in memory, in mebibytes.
  static var peak: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (Double(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") ?? 0) / 1_024
  }
}
