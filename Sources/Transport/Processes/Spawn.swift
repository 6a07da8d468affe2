// The compiler may find the C types that both modules include in either of them.
import CCurl
import Glibc

/// A process to be started, in a session of its own and without our descriptors.
struct Spawn {
  var executable = "/bin/sh"
  var arguments: [String]
  var environment: [String: String]
  /// What it reads; nil for nothing.
  var input: Int32?
  /// Where its output goes; nil for nowhere.
  var output: Int32?
  /// Where its errors go; nil for nowhere.
  var errors: Int32?
  /// Where it runs; nil for here.
  var directory: String?

  /// POSIX_SPAWN_SETSID, which <spawn.h> only shows to GNU sources.
  private static let newSession: Int32 = 0x80

  /// Starts it; throws the system's error number.
  func start() throws(SpawnError) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    connect(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    resetSignals(&attributes)

    let words = CStrings([executable] + arguments)
    let variables = CStrings(environment.map { "\($0.key)=\($0.value)" }.sorted())
    var process: pid_t = 0
    let code = posix_spawn(
      &process, executable, &actions, &attributes, words.pointers, variables.pointers)
    guard code == 0 else { throw SpawnError(code: code) }
    return process
  }

  private func connect(_ actions: inout posix_spawn_file_actions_t) {
    for (descriptor, source, mode) in [
      (STDIN_FILENO, input, O_RDONLY), (STDOUT_FILENO, output, O_WRONLY),
      (STDERR_FILENO, errors, O_WRONLY),
    ] {
      if let source {
        posix_spawn_file_actions_adddup2(&actions, source, descriptor)
      } else {
        posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", mode, 0)
      }
    }
    if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
    // Not all libraries that we use open theirs so that they close by themselves.
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
  }

  /// Whatever we ignore or block, it doesn't.
  private func resetSignals(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = Int32(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Self.newSession
    posix_spawnattr_setflags(&attributes, Int16(flags))
  }
}

struct SpawnError: Error { let code: Int32 }

/// Strings as C wants them: an array of pointers with a null at its end.
private final class CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]
  init(_ strings: [String]) { pointers = strings.map { strdup($0) } + [nil] }
  deinit { for pointer in pointers { free(pointer) } }
}
