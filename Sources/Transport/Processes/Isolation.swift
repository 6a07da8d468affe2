/// How limits are put on candidates that run as processes of this machine.
package enum Isolation: Hashable, Sendable {
  /// Control groups of version 2: what a node with a current kubelet does.
  case controlGroupsV2
  /// Control groups of version 1: what an older node does.
  case controlGroupsV1
  /// No right to make control groups, for the reason given.
  case perProcess(reason: String)

  /// One or two sentences for the report: what is different from a pod's limits; nil for nothing
  /// that matters.
  package var difference: String? {
    switch self {
    case .controlGroupsV2: nil
    case .controlGroupsV1:
      "Control groups of version 1: for want of memory the kernel kills one process of a "
        + "candidate, where version 2 kills all of them."
    case .perProcess(let reason):
      "No control groups (\(reason)): candidates are bound to whole cores, rounded up, instead of "
        + "a CPU quota; the memory limit holds for the data of each process by itself, and shows "
        + "as a failed allocation, not as a kill; and a process that leaves its candidate's session "
        + "is not held. Run as root or in a delegated group, such as "
        + "`systemd-run --user --scope -p Delegate=yes`, for real limits."
    }
  }
}
