import ArgumentParser
import CustomResources
import Foundation
import StressTest

/// `morphling stress`
struct StressCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stress",
    abstract: "Put a server that already runs under load, and say what it did.",
    discussion: """
      Sends requests when they are due, whatever became of those before (an open loop), and counts \
      latency from then on, so that a server that stalls can't hide. Either one load is sent (--rate, \
      --ramp, --steps, --replay, or a closed loop of --concurrency users), or the greatest rate is \
      searched that holds every bound. This is the stress test of morphling tune.

      Examples:
        morphling stress http://127.0.0.1:8080/answer --rate 200 --duration 30s
        morphling stress http://127.0.0.1:8000/v2/models/minilm/infer \\
          --protocol oip --body @request.json --find-capacity --slo p99=50ms
        morphling stress http://127.0.0.1:8000/v1/chat/completions --protocol openai \\
          --body @chat.json --find-capacity --slo ttft-p99=300ms --slo itl-p99=50ms
        morphling stress https://127.0.0.1:8443/ --concurrency 64 --ca-file ca.pem --http 2
        morphling stress -f plan.json --output json | jq .latency_ms.p99

      Load goes to this machine, and from within a pod to its cluster; --allow-external lifts that.

      Exit status: 0 measured; 2 the input is wrong; 3 the bounds don't hold, or the server doesn't \
      serve; 4 interrupted; 5 the numbers can't be used, since this machine didn't keep up; 1 anything \
      else. With 3 and 5 the result is printed all the same.
      """)

  /// How the result is printed.
  enum Output: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Argument(help: ArgumentHelp("What requests go to: http:// or https://.", valueName: "url"))
  var url: String?

  @Option(
    name: [.short, .customLong("file")],
    help: ArgumentHelp(
      "Everything from a plan in JSON instead; without it and a URL, from the variable "
        + "\(StressRun.planVariable).", valueName: "plan"),
    completion: .file(extensions: ["json"]))
  var file: String?

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(
      "What a right answer is: http, any status from 200 to 299 (default); oip or oip-grpc, a "
        + "well-formed answer of the Open Inference Protocol, over gRPC for the same URL and body; "
        + "tfserving, one of TensorFlow Serving; openai, a chat or a completion, streamed or whole.",
      valueName: "protocol"))
  var requestProtocol: StressTestDefinition.RequestProtocol?

  @Option(help: ArgumentHelp("Send one load: requests per second.", valueName: "number"))
  var rate: Double?

  @OptionGroup(title: "Other loads than one rate")
  var loads: LoadOptions

  @OptionGroup(title: "What the server uses")
  var usage: UsageOptions

  @Option(help: ArgumentHelp("How long that load goes on (default: 10s).", valueName: "time"))
  var duration: String?

  @Flag(
    help: ArgumentHelp(
      "End that load as soon as every bound is judged to hold, or one not to. In simulated loads of "
        + "3,000 requests at most 5 % of the verdicts were wrong; longer ones aren't vouched for."))
  var stopEarly = false

  @Flag(help: "Search for the greatest rate that holds every bound.")
  var findCapacity = false

  @Option(
    help: ArgumentHelp(
      "When requests are due: poisson, as from independent users (default), or constant.",
      valueName: "model"))
  var arrival: ArrivalSchedule?

  @Option(
    help: ArgumentHelp(
      "A bound that must hold, like p99=50ms, error-rate=0.1%, or with openai ttft-p99=300ms (time "
        + "to first token), itl-p99 (inter-token latency) and tpot-p99 (time per output token). "
        + "May be given several times. "
        + "Errors are bounded in any case, by 1% where nothing else is said.",
      valueName: "metric=bound"))
  var slo: [String] = []

  @Option(
    help: ArgumentHelp(
      "What to send: text, the name of a file, or @- for standard input.",
      valueName: "file|@-|text"))
  var body: String?

  @OptionGroup(title: "Bodies that vary, TLS and tokens")
  var requests: RequestOptions

  @Option(
    help: ArgumentHelp("A header, like 'X-Tenant: a'. May be repeated.", valueName: "name: value"))
  var header: [String] = []

  @Option(help: ArgumentHelp("Default: POST with a body, else GET.", valueName: "method"))
  var method: String?

  @Option(help: ArgumentHelp("A text that every right answer contains.", valueName: "text"))
  var expect: String?

  @Option(help: ArgumentHelp("Load that doesn't count yet (default: 1s).", valueName: "time"))
  var warmUp: String?

  @Option(
    help: ArgumentHelp(
      "A request without an answer by then has failed (default: ten times the tightest bound on a "
        + "latency, from 2s to 10s; with openai and no such bound 60s).", valueName: "time"))
  var timeout: String?

  @Option(help: ArgumentHelp("Lowest rate to try (default: 1).", valueName: "number"))
  var rateMin: Double?

  @Option(help: ArgumentHelp("Highest rate to try (default: 20000).", valueName: "number"))
  var rateMax: Double?

  @Option(
    help: ArgumentHelp("Load in the whole search, at most (default: 30s).", valueName: "time"))
  var timeBudget: String?

  @Option(
    help: ArgumentHelp(
      "How long to wait for the server's first answer (default: 60s).", valueName: "time"))
  var readinessDeadline: String?

  @Option(help: ArgumentHelp("Decides when requests are due (default: 0).", valueName: "number"))
  var seed: UInt64?

  @Option(help: "How to print the result: text or json.")
  var output: Output = .text

  @Option(
    help: ArgumentHelp(
      "Write the result in at most 4096 bytes of JSON there too: a container's termination message.",
      valueName: "path"),
    completion: .file())
  var terminationLog: String?

  @Flag(help: "Send load also to other machines.")
  var allowExternal = false

  func run() async throws {
    let job = try StressOptions(self).job()
    try await StressRun(
      job: job, output: output, terminationLog: terminationLog, allowsExternal: allowExternal
    ).run()
  }
}

extension StressTestDefinition.RequestProtocol: ExpressibleByArgument {}
extension ArrivalSchedule: ExpressibleByArgument {}
