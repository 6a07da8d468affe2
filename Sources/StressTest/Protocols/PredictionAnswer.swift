/// An answer of TensorFlow Serving's REST interface to `:predict`: a JSON object with either
/// `predictions` (a row for each instance) or `outputs` (a column for each tensor), and no `error`.
package enum PredictionAnswer {
  /// Whether there is a prediction, and all are tensors: rectangular, without nulls.
  package static func isRight(_ body: [UInt8]) -> Bool {
    var scanner = JSONScanner(body)
    var found = 0
    let isRight = scanner.object { key, value in
      switch key {
      case "predictions":
        found += 1
        return (shape(of: &value)?.first ?? 0) > 0
      case "outputs":
        found += 1
        return shape(of: &value) != nil
      case "error": return value.kind() == .null && value.skip()
      default: return value.skip()
      }
    }
    return isRight && scanner.isAtEnd() && found == 1
  }

  /// Reads a tensor: arrays within arrays that all have one shape. Objects are elements: named
  /// tensors, or bytes in base 64. Nil where it is no tensor.
  private static func shape(of scanner: inout JSONScanner) -> [Int]? {
    switch scanner.kind() {
    case .array:
      var count = 0
      var inner: [Int]?
      let isRead = scanner.array { element in
        guard let shape = shape(of: &element), inner == nil || shape == inner else { return false }
        inner = shape
        count += 1
        return true
      }
      return isRead ? [count] + (inner ?? []) : nil
    case .object:
      var members = 0
      let isRead = scanner.object { _, value in
        members += 1
        return shape(of: &value) != nil
      }
      return isRead && members > 0 ? [] : nil
    case .text, .number, .truth: return scanner.skip() ? [] : nil
    case .null, nil: return nil
    }
  }
}
