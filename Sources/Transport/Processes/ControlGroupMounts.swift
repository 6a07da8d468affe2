/// Where the kernel's control groups are mounted, and where in them we are ourselves.
struct ControlGroupMounts: Equatable {
  /// One mounted hierarchy.
  struct Hierarchy: Equatable {
    /// Where it is mounted.
    let root: String
    /// Our own group in it; the root where ours can't be seen from here.
    let own: String
  }

  /// The version 2 hierarchy, where one is mounted.
  var unified: Hierarchy?
  /// The version 1 hierarchies, by controller: `cpu`, `cpuacct`, `memory`.
  var byController: [String: Hierarchy]

  /// Reads what the kernel says of the calling process.
  ///
  /// - Parameter root: put before every path, so that a copy of such files can stand in.
  init(root: String) {
    self.init(
      mounts: ControlFile.read(root + "/proc/self/mountinfo") ?? "",
      memberships: ControlFile.read(root + "/proc/self/cgroup") ?? "", root: root)
  }

  /// - Parameters:
  ///   - mounts: proc(5), `/proc/pid/mountinfo`.
  ///   - memberships: cgroups(7), `/proc/pid/cgroup`.
  init(mounts: String, memberships: String, root: String = "") {
    let own = Self.ownPaths(in: memberships)
    byController = [:]
    for line in mounts.split(separator: "\n") {
      guard let mount = Mount(line) else { continue }
      if mount.type == "cgroup2" {
        unified = mount.hierarchy(own: own[""], below: root)
      } else if mount.type == "cgroup" {
        for controller in mount.options where own[controller] != nil {
          byController[controller] = mount.hierarchy(own: own[controller], below: root)
        }
      }
    }
  }

  /// Our group in each hierarchy, by controller; that of version 2 has no controller's name.
  private static func ownPaths(in memberships: String) -> [String: String] {
    var paths: [String: String] = [:]
    for line in memberships.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      for controller in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
        paths[String(controller)] = String(parts[2])
      }
    }
    return paths
  }
}

/// One line of mountinfo: `36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`.
private struct Mount {
  let source: String
  let point: String
  let type: String
  let options: [String]

  init?(_ line: Substring) {
    let fields = line.split(separator: " ").map(String.init)
    guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else {
      return nil
    }
    source = fields[3]
    point = fields[4]
    type = fields[dash + 1]
    options = fields[dash + 3].split(separator: ",").map(String.init)
  }

  /// A container sees part of the hierarchy: `source` is the group that is mounted at `point`.
  func hierarchy(own: String?, below root: String) -> ControlGroupMounts.Hierarchy {
    let top = root + point
    guard var path = own else { return .init(root: top, own: top) }
    if source != "/" {
      guard path == source || path.hasPrefix(source + "/") else {
        return .init(root: top, own: top)
      }
      path.removeFirst(source.count)
    }
    let group = path == "/" || path.isEmpty || path.contains("/..") ? top : top + path
    return .init(root: top, own: ControlFile.exists(group) ? group : top)
  }
}
