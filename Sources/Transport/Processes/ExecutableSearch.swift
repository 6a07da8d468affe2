import Foundation
import Glibc

/// Finds executables as the shell that starts candidates looks for them.
package enum ExecutableSearch {
  /// Whether there is an executable of this name: a path, from the folder where it is relative, or
  /// a name to be looked up.
  /// - Parameters:
  ///   - folder: where the process is to run.
  ///   - searchPath: the process's own `PATH`; nil for ours.
  package static func finds(_ name: String, from folder: String, searchPath: String?) -> Bool {
    guard !name.contains("/") else {
      return access(name.hasPrefix("/") ? name : folder + "/" + name, X_OK) == 0
    }
    let folders = searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return folders.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
  }
}
