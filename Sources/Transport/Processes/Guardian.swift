import CCurl
import Glibc
import Synchronization

/// A small process that outlives the tuner: when the tuner has ended, in whatever way, it kills the
/// candidates that are left and removes their control groups.
///
/// It knows them from lines on its input. The other end of that is open in the tuner alone, so the
/// kernel closes it when the tuner ends. The same lines are kept in a file, for the case that the
/// guardian was killed too: the next run of the same directory starts with it.
final class Guardian: Sendable {
  private let process: Int32
  /// Our end of its input. A socket, since writing to a pipe that nobody reads would kill us.
  private let input: Mutex<Int32?>
  private let record: AppendOnlyFile

  /// Starts it, and the record of what it is to clean up.
  init(recordPath: String) throws(ProcessError) {
    do { record = try AppendOnlyFile(path: recordPath) } catch { throw .file(error) }
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw .notStarted(name: "guardian", code: errno)
    }
    defer { close(ends[0]) }
    do {
      process = try Self.spawn(reading: ends[0])
    } catch {
      close(ends[1])
      throw .notStarted(name: "guardian", code: error.code)
    }
    input = Mutex(ends[1])
  }

  deinit { dismiss() }

  /// Makes it answer for the groups of a run.
  func watch(_ group: RunGroup) {
    for directory in group.directories { tell("group \(directory)") }
  }

  /// Makes it answer for a session.
  func watch(sessionOf leader: ProcessEntry) {
    tell("session \(leader.process) \(leader.startTicks)")
  }

  /// Lets it do what there is to do, and waits for its end.
  func dismiss() {
    let open = input.withLock { input in
      defer { input = nil }
      return input
    }
    guard let open else { return }
    close(open)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    unlink(record.path)
  }

  /// Cleans up after an earlier run that left its record behind; blocks until that is done.
  static func cleanUp(recordPath: String) {
    let descriptor = open(recordPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard let process = try? spawn(reading: descriptor) else { return }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    unlink(recordPath)
  }

  private func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    input.withLock { input in
      guard let input else { return }
      _ = send(input, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
    // The record only matters if the guardian itself is killed: no reason to stop a run.
    try? record.append(line)
  }

  private static func spawn(reading descriptor: Int32) throws(SpawnError) -> Int32 {
    try Spawn(
      arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"], input: descriptor
    ).start()
  }
}

// MARK: - What it does

extension Guardian {
  /// Reads `group DIRECTORY` and `session LEADER STARTTICKS` until the end of the input, then
  /// kills until nothing is left to kill, for ten seconds at most.
  ///
  /// Only groups that bear our name are touched. A session counts by its leader's start too, since
  /// identifiers are used again; in `/proc/pid/stat`, what follows the name has the state first,
  /// the session fourth and the start twentieth.
  static let script = #"""
    trap '' HUP INT TERM QUIT
    cd /
    newline='
    '
    groups= sessions=$newline
    while read -r kind first rest; do
      case $kind in
        group) case ${first##*/} in morphling-?*) groups="$groups$first$newline" ;; esac ;;
        session) sessions="$sessions$first $rest$newline" ;;
      esac
    done
    kill_group() {
      [ -w "$1/cgroup.kill" ] && echo 1 >"$1/cgroup.kill"
      for list in "$1/cgroup.procs" "$1"/*/cgroup.procs; do
        while read -r process; do
          [ "$process" -gt 1 ] && kill -9 "$process" && found=yes
        done <"$list"
      done
    }
    is_ours() {
      case $sessions in *"$newline$1 "*) ;; *) return 1 ;; esac
      read -r leader <"/proc/$1/stat" || return 0
      set -- "$1" ${leader##*) }
      case $sessions in *"$newline$1 ${21}$newline"*) return 0 ;; *) return 1 ;; esac
    }
    kill_sessions() {
      for table in /proc/[0-9]*/stat; do
        read -r entry <"$table" || continue
        set -- ${entry##*) }
        [ "$1" != Z ] && is_ours "$4" && kill -9 "${entry%% *}" && found=yes
      done
    }
    tries=0 found=yes
    while [ "$found" ] && [ "$tries" -lt 200 ]; do
      found= tries=$((tries + 1))
      IFS=$newline
      for group in $groups; do IFS=' '; kill_group "$group"; done
      IFS=' '
      [ "$sessions" = "$newline" ] || kill_sessions
      [ "$found" ] && sleep 0.05
    done
    IFS=$newline
    for group in $groups; do rmdir "$group"/*/; rmdir "$group"; done
    """#
}
