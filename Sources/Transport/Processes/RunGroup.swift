import Glibc

/// The control groups below which a run's candidates live: one directory of version 2, or one in
/// each hierarchy of version 1.
struct RunGroup: Hashable, Sendable {
  enum Version: Sendable { case one, two }

  let version: Version
  /// The directory that limits and accounts for each; all the same in version 2.
  let cpu: String
  let cpuAccounting: String
  let memory: String

  static let prefix = "morphling-"

  /// Each directory once.
  var directories: [String] { version == .two ? [memory] : [memory, cpu, cpuAccounting].unique }

  /// Makes the groups, by trying: below our own groups, else below the roots of the hierarchies.
  ///
  /// - Parameter root: put before every path, for a file tree that stands in for the kernel's.
  static func established(identifier: String, root: String) throws(FileError) -> RunGroup {
    let mounts = ControlGroupMounts(root: root)
    let name = prefix + identifier
    if let unified = mounts.unified, ControllerList(in: unified.root).isSufficient {
      return try versionTwo(unified, name: name)
    }
    return try versionOne(mounts, name: name)
  }

  /// Removes the directories, in which no process may be left.
  func remove() {
    for directory in directories { rmdir(directory) }
  }
}

// MARK: - Version 2

extension RunGroup {
  private static let limited = "+cpu +memory"

  private static func versionTwo(
    _ hierarchy: ControlGroupMounts.Hierarchy, name: String
  ) throws(FileError) -> RunGroup {
    do throws(FileError) {
      return try versionTwo(below: hierarchy.own, isRoot: false, name: name)
    } catch {
      guard hierarchy.own != hierarchy.root else { throw error }
      return try versionTwo(below: hierarchy.root, isRoot: true, name: name)
    }
  }

  private static func versionTwo(
    below parent: String, isRoot: Bool, name: String
  ) throws(FileError) -> RunGroup {
    guard ControllerList(in: parent).isSufficient else {
      throw FileError(
        parent + " with the cpu and memory controllers", couldNotBe: "found", code: ENOENT)
    }
    do throws(FileError) {
      try ControlFile.write(limited, to: parent + "/cgroup.subtree_control")
    } catch {
      guard error.code == EBUSY, !isRoot else { throw error }
      // A group with limited children may have no processes of its own: make room.
      try makeDirectory(parent + "/supervisor")
      try ControlFile.write("\(getpid())", to: parent + "/supervisor/cgroup.procs")
      try ControlFile.write(limited, to: parent + "/cgroup.subtree_control")
    }
    let directory = parent + "/" + name
    try makeDirectory(directory)
    try ControlFile.write(limited, to: directory + "/cgroup.subtree_control")
    return RunGroup(version: .two, cpu: directory, cpuAccounting: directory, memory: directory)
  }

  private struct ControllerList {
    let isSufficient: Bool
    init(in directory: String) {
      let text = ControlFile.read(directory + "/cgroup.controllers") ?? ""
      let names = Set(text.split { $0 == " " || $0 == "\n" })
      isSufficient = names.isSuperset(of: ["cpu", "memory"])
    }
  }
}

// MARK: - Version 1

extension RunGroup {
  private static func versionOne(
    _ mounts: ControlGroupMounts, name: String
  ) throws(FileError) -> RunGroup {
    RunGroup(
      version: .one,
      cpu: try directory(of: "cpu", having: "cpu.cfs_quota_us", in: mounts, name: name),
      cpuAccounting: try directory(of: "cpuacct", having: "cpuacct.usage", in: mounts, name: name),
      memory: try directory(of: "memory", having: "memory.limit_in_bytes", in: mounts, name: name))
  }

  private static func directory(
    of controller: String, having file: String, in mounts: ControlGroupMounts, name: String
  ) throws(FileError) -> String {
    guard let hierarchy = mounts.byController[controller] else {
      throw FileError("the \(controller) controller", couldNotBe: "found mounted", code: ENOENT)
    }
    var lastError: FileError?
    for parent in [hierarchy.own, hierarchy.root].unique {
      let directory = parent + "/" + name
      do throws(FileError) {
        try makeDirectory(directory)
        guard ControlFile.exists(directory + "/" + file) else {
          rmdir(directory)
          throw FileError(directory + "/" + file, couldNotBe: "found", code: ENOENT)
        }
        return directory
      } catch {
        lastError = error
      }
    }
    throw lastError ?? FileError(hierarchy.root, couldNotBe: "used", code: ENOENT)
  }

  /// Makes the directory where there is none yet.
  static func makeDirectory(_ path: String) throws(FileError) {
    guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
    throw FileError(path, couldNotBe: "made")
  }
}

extension [String] {
  /// Each element once, in the order of its first occurrence.
  fileprivate var unique: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
