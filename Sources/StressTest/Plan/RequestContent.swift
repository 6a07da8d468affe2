import Tuning

/// What the bodies of requests are: a pure function of the request's number and a seed.
package enum RequestContent: Hashable, Sendable {
  case fixed([UInt8])
  /// A text with fields that vary.
  case template(BodyTemplate)
  /// Recorded bodies, drawn at random with replacement.
  case corpus([[UInt8]])
  /// A template whose texts go over gRPC.
  case call(BodyTemplate, InferenceCall)

  package static let empty = RequestContent.fixed([])

  package var isFixed: Bool { if case .fixed = self { true } else { false } }

  package var isEmpty: Bool { self == .empty }

  /// The body of the request of a number.
  package func body(of number: Int, seed: UInt64) -> [UInt8] {
    switch self {
    case .fixed(let bytes): return bytes
    case .template(let template): return template.body(of: number, seed: seed)
    case .corpus(let bodies):
      guard !bodies.isEmpty else { return [] }
      var chance = Self.chance(of: number, seed: seed)
      return bodies[Int.random(in: bodies.indices, using: &chance)]
    case .call(let template, let call):
      // Of a text that is no request the server gets an empty message, which it refuses.
      let json = template.body(of: number, seed: seed)
      return (try? call.body(of: .infer, json: json)) ?? RPCFrames.framed([])
    }
  }

  /// The chance of one request, whatever became of others.
  static func chance(of number: Int, seed: UInt64) -> SeededGenerator {
    SeededGenerator(seed: seed, stream: 0xB0D7_0000_0000 &+ UInt64(bitPattern: Int64(number)))
  }
}
