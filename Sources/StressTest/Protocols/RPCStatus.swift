/// How a gRPC call ended: what the fields `grpc-status` and `grpc-message` say, which come behind
/// the answer, or in place of it.
package struct RPCStatus: Hashable, Sendable {
  /// Nil where the field is missing or no number.
  package private(set) var code: Int?
  /// What the server says about it; at most `messageMax` bytes.
  package private(set) var message = ""

  package static let messageMax = 400

  package init() {}

  /// Reads a line of a header or trailer; others than those two are passed over.
  package mutating func read(_ line: UnsafeRawBufferPointer) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
      .prefix { $0 != 0x0D && $0 != 0x0A }
    read(
      UnsafeRawBufferPointer(rebasing: line[..<colon]),
      value: UnsafeRawBufferPointer(rebasing: value))
  }

  /// Reads a field.
  package mutating func read(_ name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    guard name.count <= 12 else { return }
    switch String(decoding: name, as: UTF8.self).lowercased() {
    case "grpc-status": code = value.count <= 3 ? Int(String(decoding: value, as: UTF8.self)) : nil
    case "grpc-message": message = Self.decoded(Array(value.prefix(Self.messageMax)))
    default: break
    }
  }

  /// With bytes in place of `%` and two digits, and all that isn't UTF-8 or prints as U+FFFD.
  private static func decoded(_ bytes: [UInt8]) -> String {
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        plain.append(byte)
        index += 3
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    return String(
      String(decoding: plain, as: UTF8.self).unicodeScalars.map {
        $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0)
      })
  }

  /// What it means for the request (gRPC, *Status codes and their use*).
  package var result: RequestResult {
    switch code {
    case 0: .success
    case 3: .rpcInvalidArgument
    case 4: .timedOut
    case 5: .rpcNotFound
    case 8: .rpcResourceExhausted
    case 12: .rpcUnimplemented
    case 14: .rpcUnavailable
    case nil: .malformed
    default: .rpcFailed
    }
  }
}
