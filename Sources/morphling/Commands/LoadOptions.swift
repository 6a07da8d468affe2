import ArgumentParser

/// Loads that something else than one rate decides on.
struct LoadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Closed loop: so many users, each of which waits for its answer before it asks again. Shows "
        + "the most that a server can do, not what users who don't wait would see.",
      valueName: "users"))
  var concurrency: Int?

  @Option(
    help: ArgumentHelp(
      "A rate that changes evenly over the duration, like 10-500, judged in tenths.",
      valueName: "from-to"))
  var ramp: String?

  @Option(
    help: ArgumentHelp(
      "One rate after another, like 50,100,200, that share the duration.", valueName: "rates"))
  var steps: String?

  @Option(
    help: ArgumentHelp(
      "Recorded arrival times: a number of seconds on each line, up to a comma.",
      valueName: "file"),
    completion: .file())
  var replay: String?

  @Option(
    help: ArgumentHelp("How much faster than recorded (default: 1).", valueName: "factor"))
  var replaySpeed: Double?

  /// The options that were given, by name; those that say what to send.
  var given: [String] {
    [
      ("--concurrency", concurrency != nil), ("--ramp", ramp != nil), ("--steps", steps != nil),
      ("--replay", replay != nil),
    ].filter(\.1).map(\.0)
  }
}
