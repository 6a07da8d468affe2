import Foundation

/// The machine that trials run on, in words.
enum Machine {
  static var description: String {
    let info = ProcessInfo.processInfo
    let gibibytes = Double(info.physicalMemory) / 1_073_741_824
    let cores = info.activeProcessorCount
    let parts = [
      "\(cores) \(cores == 1 ? "core" : "cores")" + (processor.map { " of \($0)" } ?? ""),
      "\(Int(gibibytes.rounded())) GiB", info.operatingSystemVersionString,
    ]
    return parts.joined(separator: ", ")
  }

  private static var processor: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
