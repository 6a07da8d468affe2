import Glibc

/// How a process ended, from what `waitpid` reports.
package struct ExitStatus: Hashable, CustomStringConvertible, Sendable {
  let status: Int32
  init(_ status: Int32) { self.status = status }

  private var signal: Int32 { status & 0x7F }

  /// What it returned, 0 to 255; nil if a signal ended it.
  package var code: Int32? { signal == 0 ? (status >> 8) & 0xFF : nil }

  package var description: String {
    if let code { return "exit status \(code)" }
    return Self.names[signal].map { "signal \(signal) (\($0))" } ?? "signal \(signal)"
  }

  private static let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
    SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
    SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
    SIGXCPU: "SIGXCPU", SIGSYS: "SIGSYS",
  ]
}
