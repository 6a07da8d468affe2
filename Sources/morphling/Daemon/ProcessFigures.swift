import Foundation
import Glibc
import Reporting

/// What this process uses, by Prometheus' usual names.
struct ProcessFigures {
  var families: [MetricFamily] {
    [
      .counter(
        "process_cpu_seconds_total", "CPU time of this process, user and system.", cpuSeconds),
      .gauge(
        "process_resident_memory_bytes", "Memory of this process that is in RAM.",
        residentBytes),
      .gauge("process_open_fds", "Open file descriptors.", Double(openFiles)),
    ]
  }

  private var cpuSeconds: Double {
    var usage = rusage()
    guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return 0 }
    return [usage.ru_utime, usage.ru_stime].map {
      Double($0.tv_sec) + Double($0.tv_usec) / 1_000_000
    }.reduce(0, +)
  }

  private var residentBytes: Double {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Double(fields[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) : 0
  }

  private var openFiles: Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
  }
}
