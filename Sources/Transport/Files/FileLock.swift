import Glibc

/// Holds a file locked, so that two tuners can't work in one directory. The kernel lets go of the
/// lock when its holder ends, however it ends.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// Locks the file, which is made where there is none, and writes the process's identifier in it.
  package init(path: String) throws(FileLockError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .unusable(FileError(path, couldNotBe: "opened"))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let holder = Self.identifier(in: descriptor)
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw .unusable(FileError(path, couldNotBe: "locked", code: code))
      }
      throw .held(path: path, by: holder)
    }
    self.descriptor = descriptor
    let text = "\(getpid())\n"
    ftruncate(descriptor, 0)
    pwrite(descriptor, text, text.utf8.count, 0)
  }

  deinit { close(descriptor) }

  private static func identifier(in descriptor: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let digits = bytes.prefix(max(count, 0)).prefix { $0 != UInt8(ascii: "\n") }
    return Int32(String(decoding: digits, as: UTF8.self))
  }
}

/// Why a lock could not be had.
package enum FileLockError: Error, Hashable, CustomStringConvertible {
  /// Another process has it; its identifier, where the file says.
  case held(path: String, by: Int32?)
  case unusable(FileError)

  package var description: String {
    switch self {
    case .held(let path, let holder):
      "\(path): held by \(holder.map { "process \($0)" } ?? "another process"); "
        + "wait until that ends, or choose another directory"
    case .unusable(let error): error.description
    }
  }
}
