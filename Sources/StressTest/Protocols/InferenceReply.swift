/// An answer of the Open Inference Protocol over gRPC: `ModelInferResponse`.
enum InferenceReply {
  /// Whether there is an output, and every one has a name, a known datatype, a shape, and as many
  /// elements as that asks for, typed or raw.
  static func isRight(_ message: [UInt8]) -> Bool {
    var reader = ProtobufReader(message[...])
    var outputs: [Output] = []
    var raw: [ArraySlice<UInt8>] = []
    while let field = reader.next() {
      switch (field.number, field.value) {
      case (5, .bytes(let bytes)):
        guard let output = Output(bytes) else { return false }
        outputs.append(output)
      case (6, .bytes(let bytes)): raw.append(bytes)
      case (5, _), (6, _): return false
      default: break
      }
    }
    guard !reader.isMalformed, !outputs.isEmpty else { return false }
    if raw.isEmpty { return outputs.allSatisfy { $0.typedCount == $0.elementCount } }
    return raw.count == outputs.count
      && zip(outputs, raw).allSatisfy { $0.typedCount == 0 && $0.fits(raw: $1) }
  }

  /// `InferOutputTensor`.
  private struct Output {
    let type: TensorType
    let elementCount: Int64
    let typedCount: Int64

    init?(_ bytes: ArraySlice<UInt8>) {
      var reader = ProtobufReader(bytes)
      var (name, datatype): (ArraySlice<UInt8>?, ArraySlice<UInt8>?)
      var shape: [Int64] = []
      var contents: [ArraySlice<UInt8>] = []
      while let field = reader.next() {
        switch (field.number, field.value) {
        case (1, .bytes(let bytes)): name = bytes
        case (2, .bytes(let bytes)): datatype = bytes
        case (3, .varint(let length)): shape.append(Int64(bitPattern: length))
        case (3, .bytes(let bytes)):
          guard let lengths = ProtobufReader.packedVarints(bytes) else { return nil }
          shape += lengths.map { Int64(bitPattern: $0) }
        case (5, .bytes(let bytes)): contents.append(bytes)
        default: break
        }
      }
      guard !reader.isMalformed, let name, !name.isEmpty, let datatype,
        let type = TensorType(rawValue: String(decoding: datatype, as: UTF8.self)),
        let count = TensorType.elementCount(shape),
        let typedCount = Self.count(of: contents, type: type)
      else { return nil }
      self.type = type
      elementCount = count
      self.typedCount = typedCount
    }

    /// How many elements `InferTensorContents` has; nil where they are of another type.
    private static func count(of contents: [ArraySlice<UInt8>], type: TensorType) -> Int64? {
      var count: Int64 = 0
      for bytes in contents {
        var reader = ProtobufReader(bytes)
        while let field = reader.next() {
          guard field.number == type.contentsField, let more = elements(field.value, type) else {
            return nil
          }
          count += more
        }
        if reader.isMalformed { return nil }
      }
      return count
    }

    private static func elements(_ value: ProtobufReader.Value, _ type: TensorType) -> Int64? {
      switch (value, type) {
      case (.bytes, .bytes), (.fixed32, .fp32), (.fixed64, .fp64): return 1
      case (.bytes(let packed), .fp32): return packed.count % 4 == 0 ? Int64(packed.count / 4) : nil
      case (.bytes(let packed), .fp64): return packed.count % 8 == 0 ? Int64(packed.count / 8) : nil
      case (_, .bytes), (_, .fp32), (_, .fp64), (.fixed32, _), (.fixed64, _): return nil
      case (.varint, _): return 1
      case (.bytes(let packed), _):
        // Each number ends with the one byte that has no upper bit.
        guard packed.last.map({ $0 < 0x80 }) ?? true else { return nil }
        return Int64(packed.count { $0 < 0x80 })
      }
    }

    /// Whether the bytes are as many elements as the shape asks for; texts are each led by four
    /// bytes of length, the least significant first.
    func fits(raw: ArraySlice<UInt8>) -> Bool {
      if let size = type.byteCount {
        let (total, overflows) = elementCount.multipliedReportingOverflow(by: Int64(size))
        return !overflows && total == Int64(raw.count)
      }
      var rest = raw
      var count: Int64 = 0
      while !rest.isEmpty {
        guard rest.count >= 4 else { return false }
        let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard rest.count >= length else { return false }
        rest = rest.dropFirst(length)
        count += 1
      }
      return count == elementCount
    }
  }
}
