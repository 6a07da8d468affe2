package import Kubernetes

/// One line that a driver sends to the optimizer.
package enum AskTellMessage: Hashable, Sendable {
  /// The space and the goal, still to be decoded.
  case initialize(JSONValue)
  /// Configurations wanted, to be measured side by side.
  case ask(count: Int)
  /// Observations, still to be decoded against the space.
  case tell([JSONValue])
  case recommend

  /// More than this at a time is taken for a mistake.
  package static let askMax = 10_000

  package init(_ line: some Sequence<UInt8>) throws(AskTellError) {
    let value: JSONValue
    do {
      value = try JSONReader.decode(Array(line))
    } catch {
      throw AskTellError("line", found: "\(error)", needed: "one JSON object is needed")
    }
    guard let object = value.object, object.count == 1, let (key, body) = object.members.first
    else {
      throw AskTellError(
        "line", found: "\(value.summary) that is no message",
        needed: "an object with one of the keys init, ask, tell, recommend is needed")
    }
    switch key {
    case "init": self = .initialize(body)
    case "ask":
      guard let count = body.integer, (1...Self.askMax).contains(count) else {
        throw AskTellError(
          "ask", found: body.summary, needed: "a whole number from 1 to \(Self.askMax) is needed")
      }
      self = .ask(count: count)
    case "tell":
      guard let observations = body.array else {
        throw AskTellError("tell", found: body.summary, needed: "an array is needed")
      }
      self = .tell(observations)
    case "recommend":
      guard body == .bool(true) else {
        throw AskTellError("recommend", found: body.summary, needed: "true is needed")
      }
      self = .recommend
    default:
      throw AskTellError(
        "line", found: "unknown message \"\(key.prefix(60))\"",
        needed: "one of init, ask, tell, recommend is needed")
    }
  }
}
