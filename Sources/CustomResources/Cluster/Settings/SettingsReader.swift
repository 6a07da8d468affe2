import Kubernetes
import Tuning

/// Reads one source of settings after another.
struct SettingsReader {
  enum Source { case cluster, namespace, inference }

  let framework: String
  let log: ProblemLog
  private(set) var settings = InferenceSettings()

  init(framework: String, log: ProblemLog) {
    self.framework = framework
    self.log = log
  }

  private static let known = [
    "tuning", "mode", "predictors", "slo", "objective", "budget", "parallelism", "min-allowed",
    "max-allowed", "progress-deadline", "trial-deadline", "attempts", "image", "quota", "cost",
    "search-space", "stress-test", "prometheus",
  ]
  /// What concerns the whole cluster is the daemon's alone.
  private static let clusterOnly = ["image", "quota", "prometheus"]
  /// Annotations with our prefix that are no settings.
  private static let ours = [
    "recommendation", "previous", "managed", "experiment", "cancel", "problem",
  ]

  mutating func read(_ source: Field, of kind: Source) {
    guard let object = source.value?.object else { return }
    let prefix = kind == .inference ? ClusterNames.prefix : ""
    for key in object.keys where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      let field = source[key]
      if kind == .inference, Self.ours.contains(name) { continue }
      guard let setting = Self.setting(name) else {
        field.warn("unknown setting", needed: Spelling.hint(name, among: Self.known))
        continue
      }
      guard kind == .cluster || !Self.clusterOnly.contains(setting.name) else {
        field.warn(
          "\(setting.name) is not used here",
          needed: "it is set for the whole cluster, in the daemon's namespace")
        continue
      }
      guard setting.framework.map({ $0 == framework }) ?? true else { continue }
      // What is said of one framework goes before what is said of all.
      if setting.framework == nil, object["\(prefix)\(name).\(framework)"] != nil { continue }
      read(setting.name, field, kind)
    }
  }

  /// `search-space.Triton` is `search-space` for one framework.
  private static func setting(_ key: String) -> (name: String, framework: String?)? {
    let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
    guard let name = parts.first, known.contains(name) else { return nil }
    return (name, parts.count == 2 ? parts[1] : nil)
  }

  private mutating func read(_ name: String, _ field: Field, _ source: Source) {
    switch name {
    case "tuning":
      guard let tuning = field.word(InferenceSettings.Switch.self) else { return }
      settings.tuning = tuning
      settings.isAskedFor = source == .inference && tuning == .on
    case "mode": replace(\.mode, field.word(InferenceSettings.Mode.self))
    case "predictors": replace(\.predictors, Self.list(field))
    case "parallelism": replace(\.parallelism, field.integer(in: 1...1_000))
    case "attempts": replace(\.attemptsMax, field.integer(in: 1...100))
    case "progress-deadline": replace(\.progressDeadline, Self.deadline(field))
    case "trial-deadline": replace(\.trialDeadline, Self.deadline(field))
    case "image": replace(\.image, field.text)
    case "prometheus": replace(\.prometheus, Self.root(field))
    case "min-allowed": replace(\.allowed.least, Self.amounts(field))
    case "max-allowed": replace(\.allowed.most, Self.amounts(field))
    case "quota": replace(\.quota, Self.quota(field))
    case "slo": replace(\.bounds, Self.bounds(field))
    case "objective": readObjective(field)
    case "budget": readBudget(field)
    case "cost": replace(\.cost, block(field, "a list as under cost") { $0.array != nil })
    case "stress-test":
      replace(\.stressTest, block(field, "a mapping as under stressTest") { $0.object != nil })
    case "search-space": readSearchSpace(field)
    default: break
    }
  }

  private mutating func replace<Value>(
    _ path: WritableKeyPath<InferenceSettings, Value>, _ value: Value?
  ) {
    if let value { settings[keyPath: path] = value }
  }

  // MARK: Texts

  private static func list(_ field: Field) -> [String]? {
    field.text.map { text in
      text.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
    }
  }

  private static func root(_ field: Field) -> ServerRoot? {
    guard let text = field.text else { return nil }
    return ServerRoot(text)
      ?? field.mismatch("a URL like http://prometheus.monitoring:9090 is needed")
  }

  private static func deadline(_ field: Field) -> Duration? {
    field.duration(bare: .seconds(1), atLeast: .seconds(1))
  }

  /// `cpu=500m,memory=1Gi`
  private static func pairs(_ field: Field) -> [(String, String)]? {
    guard let entries = list(field) else { return nil }
    let pairs = entries.compactMap { entry -> (String, String)? in
      let parts = entry.split(separator: "=", maxSplits: 1).map { String($0.trimmed) }
      return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
    return pairs.count == entries.count
      ? pairs : field.mismatch("a list like cpu=500m,memory=1Gi is needed")
  }

  private static func amounts(_ field: Field) -> [String: Quantity]? {
    guard let pairs = pairs(field) else { return nil }
    var amounts: [String: Quantity] = [:]
    for (name, text) in pairs {
      guard let amount = try? Quantity(text) else {
        field.error("\(name)=\(text) is not a quantity", needed: "write it like 8Gi or 500m")
        return nil
      }
      amounts[name] = amount
    }
    return amounts
  }

  private static func quota(_ field: Field) -> InferenceSettings.Quota? {
    guard var amounts = amounts(field) else { return nil }
    var quota = InferenceSettings.Quota()
    if let trials = amounts.removeValue(forKey: "trials") {
      guard let number = Int(trials.spelling), number > 0 else {
        return field.mismatch("trials=N with a whole number from 1 up is needed")
      }
      quota.trials = number
    }
    quota.resources = amounts
    return quota
  }

  private static func bounds(_ field: Field) -> [Overrides.Bound]? {
    guard let entries = list(field) else { return nil }
    var bounds: [Overrides.Bound] = []
    for entry in entries {
      do {
        bounds.append(try Overrides.Bound(entry))
      } catch {
        field.error(error.found, needed: error.needed)
        return nil
      }
    }
    return bounds
  }

  private mutating func readObjective(_ field: Field) {
    guard let text = field.text else { return }
    do {
      _ = try Overrides.objective(text)
      settings.objective = text
    } catch {
      field.error(error.found, needed: error.needed)
    }
  }

  private mutating func readBudget(_ field: Field) {
    guard let text = field.text else { return }
    do {
      settings.budget = try Budget(text)
    } catch {
      field.error(error.found, needed: error.needed)
    }
  }

  // MARK: YAML within a text

  private func block(
    _ field: Field, _ needed: String, _ isRight: (JSONValue) -> Bool
  ) -> JSONValue? {
    guard let text = field.text else { return nil }
    let place = field.document.location(of: field.pointer)
    let manifest = Manifest(text, file: place)
    log.append(contentsOf: manifest.diagnostics)
    guard !manifest.diagnostics.hasErrors else { return nil }
    guard manifest.documents.count == 1, isRight(manifest.documents[0].value) else {
      return field.mismatch("\(needed) of an experiment is needed")
    }
    return manifest.documents[0].value
  }

  private mutating func readSearchSpace(_ field: Field) {
    guard let groups = block(field, "a list as under tunableParameters", { $0.array != nil })
    else { return }
    let place = field.document.location(of: field.pointer)
    let parameters = ProblemLog()
    _ = ParameterReader(log: parameters)
      .read(Field(Document(file: place, value: groups), log: parameters))
    log.append(contentsOf: parameters.diagnostics)
    if !parameters.diagnostics.hasErrors { settings.tunableParameters = groups }
  }
}

extension StringProtocol {
  /// Without spaces at its ends.
  fileprivate var trimmed: SubSequence {
    let start = self.drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start }
    return start[...last]
  }
}
