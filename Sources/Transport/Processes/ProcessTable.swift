import Glibc
import StressTest
import Tuning

/// One line of the kernel's table of processes: proc(5), `/proc/pid/stat`.
struct ProcessEntry: Hashable, Sendable {
  let process: Int32
  let isZombie: Bool
  let session: Int32
  /// When it started, in clock ticks after the machine did. With the identifier, unique.
  let startTicks: Int64
  /// Its CPU time and that of its children which have ended, in clock ticks.
  let cpuTicks: Int64
  let residentPages: Int64

  init?(_ line: String) {
    // The program's name, in parentheses, may hold anything.
    guard let close = line.lastIndex(of: ")"), let space = line.firstIndex(of: " "),
      let process = Int32(line[..<space])
    else { return nil }
    // Field 3 of the manual page is the first here.
    let fields = line[line.index(after: close)...].split { $0 == " " || $0 == "\n" }
    guard fields.count > 21, let session = Int32(fields[3]), let startTicks = Int64(fields[19]),
      let residentPages = Int64(fields[21])
    else { return nil }
    self.process = process
    self.isZombie = fields[0] == "Z"
    self.session = session
    self.startTicks = startTicks
    self.cpuTicks = fields[11...14].reduce(0) { $0 + (Int64($1) ?? 0) }
    self.residentPages = residentPages
  }

  init?(process: Int32) {
    guard let line = ControlFile.read("/proc/\(process)/stat") else { return nil }
    self.init(line)
  }
}

/// The living processes of a session, where no control group holds them together.
struct ProcessSession: Sendable {
  let leader: Int32

  var members: [ProcessEntry] {
    Directory.numbers(in: "/proc").compactMap { ProcessEntry(process: $0) }
      .filter { $0.session == leader && !$0.isZombie }
  }

  /// What is used now, less what ended processes had used that nobody waited for.
  var usage: Candidate.Usage {
    let members = members
    let pages = members.reduce(0) { $0 + $1.residentPages }
    let ticks = members.reduce(0) { $0 + $1.cpuTicks }
    let pageSize = Int64(sysconf(Int32(_SC_PAGESIZE)))
    let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    return Candidate.Usage(
      memoryPeak: ByteCount(pages * pageSize), cpu: .seconds(Double(ticks) / ticksPerSecond))
  }
}

/// A directory of the kernel whose entries are named by numbers.
enum Directory {
  /// The entries that are numbers; none when it can't be read.
  static func numbers(in path: String) -> [Int32] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var numbers: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let number = Int32(name) { numbers.append(number) }
    }
    return numbers
  }
}
