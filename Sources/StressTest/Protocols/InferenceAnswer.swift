/// An answer of the Open Inference Protocol over REST: a JSON object with `outputs`, and no
/// `error`.
package enum InferenceAnswer {
  /// Whether there is an output, and every one has a name, a known datatype, a shape, and as many
  /// data of the right kind as that shape asks for.
  package static func isRight(_ body: [UInt8]) -> Bool {
    var scanner = JSONScanner(body)
    var outputCount = 0
    let isRight = scanner.object { key, value in
      switch key {
      case "outputs":
        return value.array { output in
          outputCount += 1
          return isTensor(&output)
        }
      // Some servers always have the member.
      case "error": return value.kind() == .null && value.skip()
      default: return value.skip()
      }
    }
    return isRight && scanner.isAtEnd() && outputCount > 0
  }

  private static func isTensor(_ scanner: inout JSONScanner) -> Bool {
    var name: String?
    var type: TensorType?
    var shape: [Int64]?
    var counts: [JSONScanner.Kind: Int64]?
    let isRead = scanner.object { key, value in
      switch key {
      case "name":
        name = value.text()
        return name != nil
      case "datatype":
        type = value.text().flatMap(TensorType.init)
        return type != nil
      case "shape":
        shape = value.whole64s()
        return shape != nil
      case "data":
        counts = elementCounts(&value)
        return counts != nil
      default: return value.skip()
      }
    }
    guard isRead, let name, !name.isEmpty, let type, let shape, let counts else { return false }
    let kinds: [JSONScanner.Kind] =
      switch type {
      case .bytes: [.text]
      case .bool: [.truth, .number]
      default: [.number]
      }
    let right = kinds.reduce(0) { $0 + (counts[$1] ?? 0) }
    return right == counts.values.reduce(0, +) && right == TensorType.elementCount(shape)
  }

  /// How many elements of each kind the data has, flat or nested.
  private static func elementCounts(
    _ scanner: inout JSONScanner
  ) -> [JSONScanner.Kind: Int64]? {
    var counts: [JSONScanner.Kind: Int64] = [:]
    let isRead =
      scanner.kind() == .array
      && scanner.leaves { leaf in
        guard let kind = leaf.kind() else { return false }
        counts[kind, default: 0] += 1
        return leaf.skip()
      }
    return isRead ? counts : nil
  }
}

extension JSONScanner {
  /// Reads an array of whole numbers; nil where there is none.
  mutating func whole64s() -> [Int64]? {
    var numbers: [Int64] = []
    let isRead = array { element in
      guard let number = element.number().flatMap({ Int64($0) }) else { return false }
      numbers.append(number)
      return true
    }
    return isRead ? numbers : nil
  }
}
