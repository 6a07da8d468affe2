/// The cores that a process may use, by number.
struct CoreList: Hashable, Sendable {
  let cores: [Int]

  /// Reads the kernel's notation: `0-3,8`.
  init(_ text: Substring) {
    cores = text.split(separator: ",").flatMap { part -> [Int] in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }

  /// Those that we may use ourselves.
  static var allowed: CoreList {
    let status = ControlFile.read("/proc/self/status") ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    return CoreList(line?.split { $0 == "\t" || $0 == " " }.last ?? "")
  }

  /// The first so many; nil when that is all of them.
  func first(_ count: Double) -> String? {
    guard count < Double(cores.count) else { return nil }
    return cores.prefix(Int(count)).map(String.init).joined(separator: ",")
  }
}
