import Tuning

/// The words that a candidate's command is started with, so that it is within its limits before it
/// runs.
enum LaunchCommand {
  /// Joins the groups, then limits its data and cores, and becomes the command. 125: it could not.
  private static let script = """
    cd -- "$1" || exit 125
    shift
    while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done
    [ "$2" = unlimited ] || ulimit -d "$2" || exit 125
    cores=$3
    shift 3
    [ "$cores" = all ] || exec taskset -c "$cores" "$@"
    exec "$@"
    """

  static func inGroup(
    _ group: CandidateGroup, _ specification: ProcessSpecification
  ) -> [String] {
    ["-c", script, "sh", specification.workingDirectory] + group.membershipFiles
      + ["--", "unlimited", "all", specification.executable] + specification.arguments
  }

  /// For a candidate without groups: data in KiB, and cores by number.
  static func perProcess(_ specification: ProcessSpecification) -> [String] {
    let data = specification.memoryLimit.map { String($0.bytes / 1_024) } ?? "unlimited"
    let cores = specification.cpuLimit.flatMap { CoreList.allowed.first($0.rounded(.up)) }
    return ["-c", script, "sh", specification.workingDirectory, "--", data, cores ?? "all"]
      + [specification.executable] + specification.arguments
  }
}
