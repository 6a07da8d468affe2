/// An element type of the Open Inference Protocol (KServe v2, *Tensor Data Types*).
package enum TensorType: String, Hashable, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "UINT8"
  case uint16 = "UINT16"
  case uint32 = "UINT32"
  case uint64 = "UINT64"
  case int8 = "INT8"
  case int16 = "INT16"
  case int32 = "INT32"
  case int64 = "INT64"
  case fp16 = "FP16"
  case fp32 = "FP32"
  case fp64 = "FP64"
  /// Not in the first version of the protocol; Triton has it.
  case bf16 = "BF16"
  case bytes = "BYTES"

  /// Of one element in a raw tensor; nil where each says its own.
  var byteCount: Int? {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .fp16, .bf16: 2
    case .uint32, .int32, .fp32: 4
    case .uint64, .int64, .fp64: 8
    case .bytes: nil
    }
  }

  /// Which field of `InferTensorContents` has the elements; nil where only raw tensors can.
  var contentsField: Int? {
    switch self {
    case .bool: 1
    case .int8, .int16, .int32: 2
    case .int64: 3
    case .uint8, .uint16, .uint32: 4
    case .uint64: 5
    case .fp32: 6
    case .fp64: 7
    case .bytes: 8
    case .fp16, .bf16: nil
    }
  }

  /// How many elements a tensor of that shape has; nil where it is no shape.
  static func elementCount(_ shape: [Int64]) -> Int64? {
    var count: Int64 = 1
    for length in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflows else { return nil }
      count = product
    }
    return count
  }
}
