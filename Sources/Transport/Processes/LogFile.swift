import Glibc

/// What a candidate wrote.
enum LogFile {
  /// How far back from its end a log is read, in bytes.
  private static let window = 64 << 10

  /// The last lines, oldest first; none when the file can't be read.
  static func lastLines(_ count: Int, of path: String) -> [String] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let start = max(lseek(descriptor, 0, SEEK_END) - window, 0)
    var bytes = [UInt8](repeating: 0, count: window)
    let length = pread(descriptor, &bytes, window, start)
    var lines = bytes.prefix(max(length, 0))
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    if start > 0 { lines = Array(lines.dropFirst()) }
    return lines.suffix(max(count, 0)).map { String(decoding: $0, as: UTF8.self) }
  }
}
