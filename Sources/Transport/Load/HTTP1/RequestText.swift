import StressTest

/// The target's requests as HTTP/1.1 has them, byte by byte.
struct RequestText {
  private let head: [UInt8]
  private let content: RequestContent
  private let hasBody: Bool
  /// The one request, where all are the same.
  private let fixed: [UInt8]?

  init(_ target: HTTPTarget, at location: TargetLocation) {
    let given = Set(target.headers.map { $0.name.lowercased() })
    var lines = ["\(target.method) \(location.path) HTTP/1.1"]
    if !given.contains("host") { lines.append("Host: \(location.authority)") }
    if !given.contains("accept") { lines.append("Accept: */*") }
    lines += target.headers.map { "\($0.name): \($0.value)" }
    head = Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    content = target.content
    hasBody = !["GET", "HEAD"].contains(target.method) || !target.content.isEmpty
    fixed =
      if case .fixed(let body) = target.content { Self.text(head, body, hasBody) } else { nil }
  }

  /// The request of a number; the same for the same seed.
  func bytes(of number: Int, seed: UInt64) -> [UInt8] {
    fixed ?? Self.text(head, content.body(of: number, seed: seed), hasBody)
  }

  private static func text(_ head: [UInt8], _ body: [UInt8], _ hasBody: Bool) -> [UInt8] {
    hasBody
      ? head + Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
      : head + [0x0D, 0x0A]
  }
}
