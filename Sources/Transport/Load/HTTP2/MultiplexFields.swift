import CNGHTTP2
import Glibc
import StressTest

/// The header fields of the target's requests, as HTTP/2 has them.
///
/// Their bytes stay where they are, so that nobody copies them.
final class MultiplexFields {
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let fields: [nghttp2_nv]
  private let content: RequestContent
  private let hasBody: Bool

  init(_ target: HTTPTarget, at location: TargetLocation) {
    let dropped: Set = ["host", "connection", "transfer-encoding", "keep-alive", "upgrade"]
    let own = target.headers.map { (name: $0.name.lowercased(), value: $0.value) }
    let authority = own.first { $0.name == "host" }?.value ?? location.authority
    var texts = [
      (":method", target.method), (":scheme", location.isSecure ? "https" : "http"),
      (":authority", authority), (":path", location.path),
    ]
    texts += own.filter { !dropped.contains($0.name) }.map { ($0.name, $0.value) }
    if !own.contains(where: { $0.name == "accept" }) { texts.append(("accept", "*/*")) }
    content = target.content
    hasBody = !target.content.isEmpty
    let all = texts.flatMap { [Array($0.0.utf8), Array($0.1.utf8)] }
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(
      capacity: max(all.reduce(0) { $0 + $1.count }, 1))
    var fields: [nghttp2_nv] = []
    var offset = 0
    var pieces: [(start: UnsafeMutablePointer<UInt8>, count: Int)] = []
    if let start = bytes.baseAddress {
      for text in all {
        for (index, byte) in text.enumerated() { bytes[offset + index] = byte }
        pieces.append((start + offset, text.count))
        offset += text.count
      }
    }
    let isKept = UInt8(
      NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue)
    for index in stride(from: 0, to: pieces.count, by: 2) {
      fields.append(
        nghttp2_nv(
          name: pieces[index].start, value: pieces[index + 1].start, namelen: pieces[index].count,
          valuelen: pieces[index + 1].count, flags: isKept))
    }
    self.bytes = bytes
    self.fields = fields
  }

  deinit { bytes.deallocate() }

  /// The body of a request; nil where requests have none.
  func body(of number: Int, seed: UInt64) -> [UInt8]? {
    hasBody ? content.body(of: number, seed: seed) : nil
  }

  /// Submits a request; its stream's number, or what is below 0.
  func submit(
    to session: OpaquePointer, for stream: UnsafeMutableRawPointer,
    body: nghttp2_data_provider?
  ) -> Int32 {
    fields.withUnsafeBufferPointer { fields in
      guard var body else {
        return nghttp2_submit_request(session, nil, fields.baseAddress, fields.count, nil, stream)
      }
      return nghttp2_submit_request(
        session, nil, fields.baseAddress, fields.count, &body, stream)
    }
  }
}
