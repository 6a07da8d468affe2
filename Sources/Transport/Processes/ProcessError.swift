import Glibc

/// Why a candidate could not be started at all. That it ended or never got ready is no error here
/// but an outcome.
package enum ProcessError: Error, Hashable, CustomStringConvertible {
  case limitTooSmall(name: String, found: String, needed: String)
  case executableNotFound(name: String, executable: String)
  case folderNotFound(name: String, folder: String)
  /// A name that can't be one of a file, or is in use.
  case nameNotUsable(name: String)
  case file(FileError)
  /// The system refused to start a process.
  case notStarted(name: String, code: Int32)
  case noFreePort(code: Int32)

  package var description: String {
    switch self {
    case .limitTooSmall(let name, let found, let needed):
      "\(name): has \(found); give it \(needed) or more"
    case .executableNotFound(let name, let executable):
      "\(name): no executable file \"\(executable)\"; give a path, or a name found in PATH"
    case .folderNotFound(let name, let folder):
      "\(name): no folder \"\(folder)\" to run in; make it, or name another"
    case .nameNotUsable(let name):
      "\"\(name)\": not usable as the name of a candidate; use letters, digits, - and _ only"
    case .file(let error): error.description
    case .notStarted(let name, let code):
      "\(name): the system started no process (\(String(cString: strerror(code)))); "
        + "free memory, or raise `ulimit -u`"
    case .noFreePort(let code):
      "127.0.0.1: no free port (\(String(cString: strerror(code)))); stop what holds them"
    }
  }
}
