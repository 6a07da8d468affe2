import Glibc

/// How a process ended, from what `waitpid` reports.
struct ExitStatus: Hashable, CustomStringConvertible {
  let status: Int32
  init(_ status: Int32) { self.status = status }

  private var signal: Int32 { status & 0x7F }

  var description: String {
    if signal == 0 { return "exit status \((status >> 8) & 0xFF)" }
    return Self.names[signal].map { "signal \(signal) (\($0))" } ?? "signal \(signal)"
  }

  private static let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
    SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
    SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
    SIGXCPU: "SIGXCPU", SIGSYS: "SIGSYS",
  ]
}
