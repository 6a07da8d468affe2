import ArgumentParser
import Foundation

/// The program: reads the command line, runs a command, and turns what comes of it into an exit
/// status that scripts can trust.
@main
struct Program {
  static func main() async {
    do {
      var command = try MorphlingCommand.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      FileHandle.standardError.write(Data((failure.description + "\n").utf8))
      exit(failure.status.rawValue)
    } catch {
      let code = MorphlingCommand.exitCode(for: error)
      // The parser's own code for a wrong command line is 64; ours is the same as for wrong input.
      guard code == .validationFailure else { MorphlingCommand.exit(withError: error) }
      FileHandle.standardError.write(Data((MorphlingCommand.fullMessage(for: error) + "\n").utf8))
      exit(ExitStatus.wrongInput.rawValue)
    }
  }
}

/// `morphling`
struct MorphlingCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "morphling",
    abstract: "Finds the container spec of a model server by experiment.",
    discussion: """
      morphling starts your model server under one candidate spec after another, loads each until \
      its latency objective breaks, learns from what it measures, and recommends the spec to run.

      Examples:
        morphling tune -f service.yaml
        morphling tune -f service.yaml --slo p99=50ms --budget 30 --output result
        morphling tune --resume result
        morphling report result
        morphling verify result
        morphling tune --runner cluster -f service.yaml --wait
        morphling status --watch
        morphling stress http://127.0.0.1:8080/ --find-capacity --slo p99=50ms
        morphling manifests all

      Exit status: 0 a recommendation was made; 2 the input is wrong; 3 no configuration meets the
      constraints; 4 interrupted, go on with --resume; 1 anything else.

      Completions: morphling --generate-completion-script bash|zsh|fish
      """,
    version: "morphling \(Version.text)",
    subcommands: [
      TuneCommand.self, ReportCommand.self, VerifyCommand.self, OptimizeCommand.self,
      StressCommand.self, DaemonCommand.self, ManifestsCommand.self, StatusCommand.self,
      CancelCommand.self, RollbackCommand.self,
    ])
}

enum Version {
  static let text = "0.1.0"
}

/// What the program ends with.
enum ExitStatus: Int32 {
  case success = 0
  /// Something outside failed: a full disk, no free port, ….
  case failure = 1
  case wrongInput = 2
  case nothingFeasible = 3
  case interrupted = 4
  /// A stress test's numbers say more of the load generator than of the server.
  case unusable = 5
}

/// An end that the user must hear of.
struct Failure: Error, CustomStringConvertible {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}
