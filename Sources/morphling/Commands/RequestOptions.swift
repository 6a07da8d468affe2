import ArgumentParser
import StressTest

/// What requests carry beside a fixed body, and over what they are sent.
struct RequestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A body with fields that vary, as text or the name of a file: {{number}}, {{integer 1 100}}, "
        + "{{decimal 0 1}}, {{choice a|b}}, {{letters 16}}.", valueName: "file|text"))
  var bodyTemplate: String?

  @Option(
    help: ArgumentHelp(
      "A file with a JSON value on each line: each request carries one of them, drawn by the seed.",
      valueName: "file"),
    completion: .file())
  var bodyCorpus: String?

  @Option(
    name: .customLong("http"),
    help: ArgumentHelp(
      "1.1 (default), or 2, which multiplexes requests over few connections.", valueName: "version")
  )
  var version: HTTPVersion?

  @Option(
    help: ArgumentHelp(
      "Certificates to trust, in PEM, instead of the system's.", valueName: "file"),
    completion: .file())
  var caFile: String?

  @Option(
    help: ArgumentHelp("The client's certificate, in PEM.", valueName: "file"),
    completion: .file())
  var certFile: String?

  @Option(
    help: ArgumentHelp(
      "Its key, where it isn't in the same file.", valueName: "file"), completion: .file())
  var keyFile: String?

  @Option(
    help: ArgumentHelp(
      "The environment variable with a bearer token; it is never printed.", valueName: "name"))
  var bearerTokenVariable: String?

  @Option(
    help: ArgumentHelp("A file with a bearer token; it is never printed.", valueName: "file"),
    completion: .file())
  var bearerTokenFile: String?

  var isGiven: Bool {
    let texts = [
      bodyTemplate, bodyCorpus, caFile, certFile, keyFile, bearerTokenVariable, bearerTokenFile,
    ]
    return version != nil || texts.contains { $0 != nil }
  }
}

extension HTTPVersion: ExpressibleByArgument {}
