import Tuning

/// Which way a parameter moves the need for memory, judged by its name.
enum ParameterEffect {
  static func effect(of name: String, target: Parameter.Target, kind: Domain.Kind)
    -> Parameter.Effect
  {
    guard kind != .choices else { return .unknown }
    let words = words(name)
    switch target {
    case .resource: return ResourceName(name).isMemory ? .supply : .unknown
    case .column where words.contains { supplying.contains($0) }: return .supply
    default: break
    }
    let isDemand = words.contains { demanding.contains($0) }
    let isTime = words.contains { timing.contains($0) }
    return isDemand && !isTime ? .demand : .unknown
  }

  /// A GPU's compute slices (GPCs) come with a share of its memory.
  private static let supplying: Set<String> = ["memory", "mem", "gpcs"]
  private static let demanding: Set<String> = [
    "batch", "batched", "batchsize", "instance", "instances", "worker", "workers", "process",
    "processes", "replica", "replicas", "seqs",
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
