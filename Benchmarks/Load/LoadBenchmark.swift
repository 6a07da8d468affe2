import ArgumentParser

/// What the load generator can do, beside others in the same run, and what bad servers get from it.
@main
struct LoadBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load-benchmark",
    abstract: "The load generator beside wrk and h2load, and against bad servers.",
    subcommands: [SpeedCommand.self, BadServersCommand.self, SendCommand.self],
    defaultSubcommand: SpeedCommand.self)
}
