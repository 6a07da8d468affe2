import ArgumentParser
import QueueSimulation
import StressTest
import Tuning

/// The rates of false verdicts of a stop that may be asked at any time.
struct VerdictsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdicts",
    abstract: "False verdicts, in percent of streams whose 99th percentile is the bound.",
    discussion: """
      Exactly at the bound either verdict is as wrong as it can be. The last rows are clear cases, \
      and a queue at exactly its capacity, which must fail: how often they are decided rightly, and \
      after how many values.
      """)

  @OptionGroup var selection: RunSelection

  @Option(help: "Values of each stream, at most.")
  var length = 20_000

  @Option(help: "The stated level.")
  var risk = 0.05

  @Flag(help: "Only the clear cases.")
  var clear = false

  func run() {
    let title = Column.left("stream", 30) + Column.right("bound", 10)
    print("\(title)   holds %   fails %  mean values")
    for stream in LatencyStream.kinds where selection.includes(stream.description) && !clear {
      show(stream, bound: stream.p99)
    }
    for load in [0.3, 0.5, 0.8, 0.9] {
      let queue = LatencyStream.exponentialQueue(load: load)
      guard selection.includes(queue.description) else { continue }
      for factor in [0.5, 0.8, 1.25, 1.5, 2] { show(queue, bound: queue.p99 * factor) }
    }
    for bound in [10.0, 20, 50] {
      show(LatencyStream.exponentialQueue(load: 1), bound: bound)
    }
  }

  private func show(_ stream: LatencyStream, bound: Double) {
    let streams = selection.runs ?? 10_000
    var (holds, fails, total) = (0, 0, 0)
    for seed in 0..<UInt64(streams) {
      let next = stream.make(SeededGenerator(seed: seed, stream: 11))
      var verdict = SequentialVerdict(bound: bound, risk: risk, leastToHold: 500)
      while verdict.count < length, verdict.conclusion == .undecided { verdict.append(next()) }
      holds += verdict.conclusion == .holds ? 1 : 0
      fails += verdict.conclusion == .fails ? 1 : 0
      total += verdict.count
    }
    let share = 100 / Double(streams)
    print(
      Column.left(stream.description, 30) + Column.number(bound, 2, 10)
        + Column.number(share * Double(holds), 2, 10) + Column.number(share * Double(fails), 2, 10)
        + Column.number(Double(total) / Double(streams), 0, 13))
  }
}
