package import Tuning

extension Parameter {
  /// A parameter of which the name says what it does to memory and speed.
  package init(judging name: String, domain: Domain, target: Target) {
    let words = domain.kind == .choices ? [] : Self.words(name)
    self.init(
      name: ParameterName(name), domain: domain, target: target,
      effect: domain.kind == .choices ? .unknown : Self.effect(words, name, target),
      role: domain.kind == .choices ? Self.role(of: domain) : Self.role(words))
  }

  /// Which way it moves the need for memory.
  private static func effect(_ words: [String], _ name: String, _ target: Target) -> Effect {
    switch target {
    case .resource: return ResourceName(name).isMemory ? .supply : .unknown
    case .column where words.contains { supplying.contains($0) }: return .supply
    default: break
    }
    let isDemand = words.contains { demanding.contains($0) }
    let isTime = words.contains { timing.contains($0) }
    return isDemand && !isTime ? .demand : .unknown
  }

  /// Of choices, by what they name.
  private static func role(of domain: Domain) -> Role {
    let known = domain.levels.compactMap { Accelerator(namedIn: $0.text)?.memoryBandwidth }
    return Set(known).count > 1 ? .accelerator : .unknown
  }

  private static func role(_ words: [String]) -> Role {
    let isOther = words.contains { timing.contains($0) || memory.contains($0) }
    if isOther { return .unknown }
    if words.contains(where: { workAtOnce.contains($0) }) { return .workAtOnce }
    return words.contains { computing.contains($0) } ? .computing : .unknown
  }

  private static let memory: Set<String> = ["memory", "mem", "gpumem", "cache", "gib", "mib"]
  /// A GPU's compute slices (GPCs) come with a share of its memory.
  private static let supplying: Set<String> = ["memory", "mem", "gpcs"]
  private static let demanding: Set<String> = [
    "batch", "batched", "batchsize", "instance", "instances", "worker", "workers", "process",
    "processes", "replica", "replicas", "seqs",
  ]
  private static let workAtOnce: Set<String> = [
    "batch", "batched", "batchsize", "concurrency", "concurrent", "instance", "instances",
    "process", "processes", "seqs", "users", "worker", "workers",
  ]
  private static let computing: Set<String> = [
    "core", "cores", "cpu", "cpus", "gpcs", "gpu", "gpucores", "gpus",
  ]
  /// How long to wait for a batch asks for no memory.
  private static let timing: Set<String> = [
    "delay", "wait", "timeout", "seconds", "milliseconds", "microseconds", "ms", "us",
  ]

  /// `MAX_BATCH_SIZE`, `--max-batch-size` and `maxBatchSize` have the same words.
  static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var previous: Character = " "
    for character in name {
      let isBoundary =
        !(character.isLetter || character.isNumber)
        || (character.isUppercase && previous.isLowercase)
      if isBoundary, !word.isEmpty {
        words.append(word.lowercased())
        word = ""
      }
      if character.isLetter || character.isNumber { word.append(character) }
      previous = character
    }
    return word.isEmpty ? words : words + [word.lowercased()]
  }
}
