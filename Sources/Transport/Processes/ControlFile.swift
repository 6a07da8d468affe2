import Glibc

/// The kernel's small text files: those of control groups, and below `/proc`.
enum ControlFile {
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 8 << 10)
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      guard count >= 0 else { return nil }
      if count == 0 { return String(decoding: text, as: UTF8.self) }
      text += piece.prefix(count)
    }
  }

  /// Writes the text in one call, as the kernel wants it. Makes no file.
  static func write(_ text: String, to path: String) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, couldNotBe: "opened") }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
      throw FileError(path, couldNotBe: "set to \(text)")
    }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A file that holds one number.
  static func number(in path: String) -> Int64? {
    read(path).flatMap { Int64($0.trimmingNewline) }
  }

  /// The number behind a key, in a file of lines `key number`.
  static func number(_ key: String, in path: String) -> Int64? {
    guard let text = read(path) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      if parts.count == 2, parts[0] == key { return Int64(parts[1]) }
    }
    return nil
  }

  /// The process identifiers in a `cgroup.procs`. One of 0 is a process outside our namespace.
  static func processes(in path: String) -> [Int32] {
    (read(path) ?? "").split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 1 }
  }
}

extension String {
  fileprivate var trimmingNewline: Substring { hasSuffix("\n") ? dropLast() : self[...] }
}
