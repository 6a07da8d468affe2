import Glibc
import Synchronization

/// A file of lines to which whole lines are added, each safe on disk before `append` returns.
///
/// A crash can tear the last line. Opening the file drops such a rest, so that lines added later
/// stay readable.
package final class AppendOnlyFile: Sendable {
  package let path: String
  /// The lines that the file had when it was opened.
  package let lines: [String]
  private let descriptor: Int32
  /// The length up to the last whole line, in bytes.
  private let length: Mutex<Int>

  /// Opens the file, or makes it.
  package init(path: String) throws(FileError) {
    let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path, couldNotBe: "opened") }
    do throws(FileError) {
      let bytes = try Self.contents(of: descriptor, path)
      let whole = bytes.lastIndex(of: Self.newline).map { $0 + 1 } ?? 0
      if whole < bytes.count, ftruncate(descriptor, whole) != 0 {
        throw FileError(path, couldNotBe: "cut to its last whole line")
      }
      try Self.synchronizeFolder(of: path)
      self.lines = Self.lines(in: bytes[..<whole])
      self.length = Mutex(whole)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Adds a line, which must not have a line break in it. After an error the file is as it was.
  package func append(_ line: String) throws(FileError) {
    precondition(!line.utf8.contains(Self.newline), "a line has no line break in it")
    let bytes = Array(line.utf8) + [Self.newline]
    try length.withLock { (length) throws(FileError) in
      guard Self.writeAll(bytes, to: descriptor), fsync(descriptor) == 0 else {
        let error = FileError(path, couldNotBe: "written")
        ftruncate(descriptor, length)
        throw error
      }
      length += bytes.count
    }
  }

  private static let newline = UInt8(ascii: "\n")

  private static func lines(in bytes: ArraySlice<UInt8>) -> [String] {
    bytes.split(separator: newline).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func contents(
    of descriptor: Int32, _ path: String
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count == 0 { return bytes }
      if count > 0 {
        bytes += piece.prefix(count)
      } else if errno != EINTR {
        throw FileError(path, couldNotBe: "read")
      }
    }
  }

  static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count > 0 {
        written += count
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Makes the file's name as durable as its contents.
  private static func synchronizeFolder(of path: String) throws(FileError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let folder = parts.isEmpty ? "." : parts.joined(separator: "/") + "/"
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(folder, couldNotBe: "opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(folder, couldNotBe: "synchronized") }
  }
}
