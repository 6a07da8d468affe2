package import Kubernetes

/// Names, labels and annotations of what we make in a cluster.
package enum ClusterNames {
  package static let prefix = "morphling.kubedl.io/"

  /// Labels.
  package static let experimentLabel = prefix + "experiment"
  package static let trialLabel = prefix + "trial"
  package static let roleLabel = prefix + "role"
  /// Tells the pods of an attempt from those of the one before, which may still be ending.
  package static let attemptLabel = prefix + "attempt"
  package static let managedLabel = prefix + "managed"

  /// Annotations that we write.
  package static let recommendation = prefix + "recommendation"
  package static let previous = prefix + "previous"
  /// On what serves an Inference: a hash of what it was made of.
  package static let served = prefix + "served"
  /// On an experiment: what becomes of its recommendation.
  package static let mode = prefix + "mode"
  /// The mode that the settings had when it was last passed on, so that another one that somebody
  /// gives the experiment stays.
  package static let modeGiven = prefix + "mode-given"
  /// On an experiment: whatever it says, the experiment is to stop.
  package static let cancel = prefix + "cancel"
  /// On an experiment that the daemon made: what it tunes, how many came before it, and which ones
  /// of the same Inference have results that are known.
  package static let revision = prefix + "revision"
  package static let generation = prefix + "generation"
  package static let earlier = prefix + "earlier"
  /// On such an experiment: those of other Inferences, from whose results the search begins.
  package static let neighbours = prefix + "neighbours"
  /// Keeps an experiment while its recommendation is on its way to the pods.
  package static let rolloutFinalizer = prefix + "rollout"
  /// On an Inference: what keeps it from being tuned.
  package static let problem = prefix + "problem"

  /// On an Inference: whether it is tuned by itself.
  package static let tuning = prefix + "tuning"

  /// What an object of a trial is for.
  package enum Role: String, Hashable, Sendable {
    case candidate, stress
  }

  /// `<experiment>-<ordinal>`
  package static func trial(of experiment: String, ordinal: Int) -> String {
    bounded("\(experiment)-\(ordinal)")
  }

  /// `<inference>-<predictor>`: of the experiment that the daemon makes; with `-g2` for the second
  /// and so on.
  package static func experiment(
    of inference: String, predictor: String, generation: Int = 1
  ) -> String {
    bounded("\(inference)-\(predictor)" + (generation > 1 ? "-g\(generation)" : ""))
  }

  /// `<trial>-stress`
  package static func stressJob(of trial: String) -> String { bounded("\(trial)-stress") }

  /// A name that serves as a label and as the name of a Service (RFC 1035, at most 63 bytes). One
  /// that doesn't is shortened and mended, and a hash of the whole keeps it apart from others.
  package static func bounded(_ name: String) -> String {
    if isUsable(name) { return name }
    var mended = String(
      name.lowercased().map { ($0.isASCII && ($0.isLetter || $0.isNumber)) ? $0 : "-" })
    if mended.first?.isLetter != true { mended = "m" + mended }
    let kept = mended.prefix(63 - 9).reversed().drop { $0 == "-" }.reversed()
    return String(kept) + "-" + hash(name)
  }

  private static func isUsable(_ name: String) -> Bool {
    guard name.utf8.count <= 63, let first = name.utf8.first, let last = name.utf8.last else {
      return false
    }
    let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte) }
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    return isLetter(first) && (isLetter(last) || isDigit(last))
      && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
  }

  /// FNV-1a, 32 bits, in hexadecimal.
  private static func hash(_ text: String) -> String {
    var hash: UInt32 = 2_166_136_261
    for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The labels of an object of a trial. None of them is the service's own, so no Service of the
  /// production can select a candidate.
  package static func labels(
    experiment: String, trial: String, attempt: Int, role: Role
  ) -> [String: String] {
    [
      experimentLabel: bounded(experiment), trialLabel: bounded(trial),
      attemptLabel: String(attempt), roleLabel: role.rawValue,
      "app.kubernetes.io/managed-by": "morphling",
    ]
  }

  /// Finds the objects of one attempt at a trial, of one role.
  package static func objects(
    ofTrial trial: String, attempt: Int, role: Role
  ) -> LabelSelector {
    LabelSelector([
      trialLabel: bounded(trial), attemptLabel: String(attempt), roleLabel: role.rawValue,
    ])
  }

  /// Finds the trials of an experiment.
  package static func trials(of experiment: String) -> LabelSelector {
    LabelSelector([experimentLabel: bounded(experiment)])
  }
}
