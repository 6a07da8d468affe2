import Controllers
import CustomResources
import Kubernetes
import Reporting
import Synchronization
import Transport

/// What the daemon says of itself when it is asked.
final class DaemonState: Sendable {
  /// A reconcile that takes longer is stuck.
  private static let reconcileMax = Duration.seconds(600)
  /// A follower that hasn't stirred for so long is dead: watches end every five minutes.
  private static let silenceMax = Duration.seconds(900)

  let controllers: ControllerRun
  let metrics: DaemonMetrics
  private let elector: LeaderElector
  private let stopwatch = Stopwatch(ContinuousClock())
  private let connected = Gate()
  /// When each follower was last seen to stir.
  private let pulses = Mutex<[(pulse: Int, since: Duration)]>([])

  init(_ controllers: ControllerRun, _ elector: LeaderElector, _ metrics: DaemonMetrics) {
    self.controllers = controllers
    self.elector = elector
    self.metrics = metrics
  }

  func noteConnected() { connected.open() }

  private var isConnected: Bool { connected.isOpen }
}

// MARK: - Health

extension DaemonState {
  /// What only a new start can mend; nil for a daemon that is well.
  var illness: String? {
    let figures = controllers.figures
    if let stuck = figures.work.first(where: { $0.elapsed > Self.reconcileMax }) {
      return "\(stuck.controller) has been at \(stuck.key) for "
        + "\(stuck.elapsed.components.seconds) seconds; at most "
        + "\(Self.reconcileMax.components.seconds) are needed"
    }
    guard isConnected else { return nil }
    return silent(figures.followers).map { "nothing was heard of \($0.kind) for a long time" }
  }

  private func silent(_ followers: [FollowerFigures]) -> FollowerFigures? {
    let now = stopwatch.elapsed
    return pulses.withLock { pulses in
      if pulses.count != followers.count { pulses = followers.map { ($0.pulse, now) } }
      for (index, follower) in followers.enumerated() where pulses[index].pulse != follower.pulse {
        pulses[index] = (follower.pulse, now)
      }
      return zip(followers, pulses).first { now - $1.since > Self.silenceMax }?.0
    }
  }

  /// Whether it does what it is there for, and in which words.
  var readiness: (isReady: Bool, text: String) {
    guard isConnected else { return (false, "waiting for the API server") }
    let missing = controllers.figures.followers.filter { !$0.isSettled }.map { "\($0.kind)" }
    guard missing.isEmpty else {
      return (false, "waiting for \(Set(missing).sorted().joined(separator: ", "))")
    }
    if elector.isLeading { return (true, "leading") }
    let leader = elector.leader.flatMap { $0.isEmpty ? nil : $0 }
    return (true, "standing by: " + (leader.map { "\($0) leads" } ?? "nobody leads"))
  }
}

// MARK: - Metrics

extension DaemonState {
  var metricsText: String {
    let experiments = ExperimentFigures(
      experiments: controllers.objects(.profilingExperiments), trials: controllers.objects(.trials),
      now: .now())
    return
      (ownFamilies + experiments.families + followerFamilies + metrics.families
      + ProcessFigures().families)
      .map(\.text).joined()
  }

  private var ownFamilies: [MetricFamily] {
    var phases = Dictionary(
      uniqueKeysWithValues: ExperimentPhase.allCases.map { ($0.rawValue, 0.0) })
    for experiment in controllers.objects(.profilingExperiments) {
      phases[experiment.status?["phase"]?.string ?? ExperimentPhase.pending.rawValue, default: 0] +=
        1
    }
    let figures = controllers.figures
    return [
      .gauge(
        "morphling_build_info", "Always 1; the version is in the label.", labels: ["version"],
        [[Version.text]: 1]),
      .gauge("morphling_leader", "1 while this daemon leads.", elector.isLeading ? 1 : 0),
      .gauge(
        "morphling_experiments", "Experiments by phase.", labels: ["phase"],
        Dictionary(uniqueKeysWithValues: phases.map { ([$0.key], $0.value) })),
      .gauge(
        "morphling_queue_length", "Keys that wait to be reconciled.", Double(figures.queueLength)),
      .gauge(
        "morphling_work_seconds", "For how long the longest reconcile under way has run.",
        (figures.work.map(\.elapsed).max() ?? .zero) / .seconds(1)),
    ]
  }

  private var followerFamilies: [MetricFamily] {
    func series(_ value: (FollowerFigures) -> Int) -> [[String]: Double] {
      Dictionary(
        controllers.figures.followers.map { (["\($0.kind.kind)"], Double(value($0))) },
        uniquingKeysWith: +)
    }
    return [
      .counter(
        "morphling_watches_total", "Watches that were begun, by kind.", labels: ["kind"],
        series(\.counts.watches)),
      .counter(
        "morphling_lists_total", "Lists that were read for want of a watch, by kind.",
        labels: ["kind"], series(\.counts.lists)),
      .counter(
        "morphling_watch_events_total", "Changes that watches told of, by kind.",
        labels: ["kind"], series(\.counts.events)),
      .counter(
        "morphling_watch_failures_total", "Lists and watches that failed, by kind.",
        labels: ["kind"], series(\.counts.failures)),
    ]
  }
}
