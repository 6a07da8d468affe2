import Glibc

/// A file operation that the system refused.
package struct FileError: Error, Hashable, CustomStringConvertible {
  package let path: String
  /// What could not be done: "opened", "written", ….
  package let failed: String
  /// The system's error number.
  package let code: Int32

  init(_ path: String, couldNotBe failed: String, code: Int32 = errno) {
    self.path = path
    self.failed = failed
    self.code = code
  }

  package var description: String {
    "\(path): could not be \(failed): \(String(cString: strerror(code)))"
  }
}
