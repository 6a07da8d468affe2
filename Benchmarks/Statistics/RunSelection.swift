import ArgumentParser

/// The options that every table has.
struct RunSelection: ParsableArguments {
  @Option(help: "Runs of each kind; without it as many as the table is meant to have.")
  var runs: Int?

  @Option(help: "Only kinds whose name begins so.")
  var only = ""

  func includes(_ name: String) -> Bool { name.hasPrefix(only) }
}
