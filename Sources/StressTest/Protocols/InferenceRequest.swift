/// An inference request in JSON, as `ModelInferRequest` (KServe, `open_inference_grpc.proto`; the
/// numbers are those of its fields).
enum InferenceRequest {
  static func message(
    json: [UInt8], model: String, version: String
  ) throws(InferenceCallError) -> [UInt8] {
    var message = ProtobufWriter()
    message.add(1, text: model)
    if !version.isEmpty { message.add(2, text: version) }
    var problem: InferenceCallError?
    var inputCount = 0
    var scanner = JSONScanner(json)
    let isRead = scanner.object { key, value in
      switch key {
      case "id": return value.text().map { message.add(3, text: $0) } != nil
      case "parameters": return addParameters(4, from: &value, to: &message)
      case "inputs":
        return value.array { input in
          inputCount += 1
          do throws(InferenceCallError) {
            message.add(5, bytes: try tensor(&input, ordinal: inputCount))
            return true
          } catch {
            problem = error
            return false
          }
        }
      case "outputs": return value.array { addOutput(from: &$0, to: &message) }
      default: return value.skip()
      }
    }
    if let problem { throw problem }
    guard isRead, scanner.isAtEnd(), inputCount > 0 else {
      throw InferenceCallError(
        found: "the body is no inference request in JSON",
        needed: "an object with inputs is needed, as over REST")
    }
    return message.bytes
  }

  private static func addOutput(
    from scanner: inout JSONScanner, to message: inout ProtobufWriter
  ) -> Bool {
    var output = ProtobufWriter()
    let isRead = scanner.object { key, value in
      switch key {
      case "name": return value.text().map { output.add(1, text: $0) } != nil
      case "parameters": return addParameters(2, from: &value, to: &output)
      default: return value.skip()
      }
    }
    message.add(6, bytes: output.bytes)
    return isRead
  }

  /// What only says how REST packs tensors.
  private static let parametersOfREST = ["binary_data", "binary_data_output", "binary_data_size"]

  private static func addParameters(
    _ field: Int, from scanner: inout JSONScanner, to message: inout ProtobufWriter
  ) -> Bool {
    scanner.object { key, value in
      var parameter = ProtobufWriter()
      switch value.kind() {
      case .truth:
        guard let truth = value.truth() else { return false }
        parameter.add(1, varint: truth ? 1 : 0)
      case .text:
        guard let text = value.text() else { return false }
        parameter.add(3, text: text)
      case .number:
        guard let text = value.number(), let number = Double(text) else { return false }
        if let whole = Int64(text) {
          parameter.add(2, varint: UInt64(bitPattern: whole))
        } else {
          parameter.add(4, fixed64: number.bitPattern)
        }
      default: return false
      }
      guard !parametersOfREST.contains(key) else { return true }
      var entry = ProtobufWriter()
      entry.add(1, text: key)
      entry.add(2, bytes: parameter.bytes)
      message.add(field, bytes: entry.bytes)
      return true
    }
  }

  // MARK: Tensors

  private static func tensor(
    _ scanner: inout JSONScanner, ordinal: Int
  ) throws(InferenceCallError) -> [UInt8] {
    var (name, datatype, shape): (String?, String?, [Int64]?)
    var parameters = ProtobufWriter()
    var elements: JSONScanner?
    let isRead = scanner.object { key, value in
      switch key {
      case "name":
        name = value.text()
        return name != nil
      case "datatype":
        datatype = value.text()
        return datatype != nil
      case "shape":
        shape = value.whole64s()
        return shape != nil
      case "parameters": return addParameters(4, from: &value, to: &parameters)
      case "data":
        // Read once the datatype is known.
        elements = value
        return value.kind() == .array && value.skip()
      default: return value.skip()
      }
    }
    guard isRead, let name, let datatype, let shape, var elements else {
      throw InferenceCallError(
        found: "input \(ordinal) of the body is no tensor",
        needed: "an object with name, datatype, shape and data is needed")
    }
    guard let type = TensorType(rawValue: datatype), let field = type.contentsField else {
      let known = TensorType.allCases.filter { $0.contentsField != nil }.map(\.rawValue)
      throw InferenceCallError(
        found: "input \"\(name)\" has datatype \(datatype)",
        needed: "one of \(known.joined(separator: ", ")) is needed over gRPC")
    }
    guard let (contents, count) = contents(of: type, in: field, from: &elements) else {
      throw InferenceCallError(
        found: "input \"\(name)\" has data that are no \(datatype)", needed: "check its datatype")
    }
    guard TensorType.elementCount(shape) == count else {
      throw InferenceCallError(
        found: "input \"\(name)\" has \(count) data for the shape \(shape)",
        needed: "as many as the shape asks for are needed")
    }
    return bytes(name: name, type: type, shape: shape, parameters, contents)
  }

  private static func bytes(
    name: String, type: TensorType, shape: [Int64], _ parameters: ProtobufWriter,
    _ contents: ProtobufWriter
  ) -> [UInt8] {
    var tensor = ProtobufWriter()
    tensor.add(1, text: name)
    tensor.add(2, text: type.rawValue)
    var lengths = ProtobufWriter()
    for length in shape { lengths.append(varint: UInt64(bitPattern: length)) }
    tensor.add(3, bytes: lengths.bytes)
    var last = ProtobufWriter()
    last.add(5, bytes: contents.bytes)
    return tensor.bytes + parameters.bytes + last.bytes
  }

  /// The tensor's elements as `InferTensorContents`, and their count; nil where one is of another
  /// type.
  private static func contents(
    of type: TensorType, in field: Int, from scanner: inout JSONScanner
  ) -> (contents: ProtobufWriter, count: Int64)? {
    var contents = ProtobufWriter()
    var packed = ProtobufWriter()
    var count: Int64 = 0
    let isRead = scanner.leaves { leaf in
      count += 1
      guard type == .bytes else { return append(&leaf, type, to: &packed) }
      return leaf.text().map { contents.add(field, text: $0) } != nil
    }
    guard isRead else { return nil }
    if type != .bytes { contents.add(field, bytes: packed.bytes) }
    return (contents, count)
  }

  private static func append(
    _ leaf: inout JSONScanner, _ type: TensorType, to packed: inout ProtobufWriter
  ) -> Bool {
    if type == .bool, let truth = leaf.truth() {
      packed.append(varint: truth ? 1 : 0)
      return true
    }
    guard let text = leaf.number() else { return false }
    switch type {
    case .fp32:
      guard let number = Float(text) else { return false }
      packed.append(UInt64(number.bitPattern), count: 4)
    case .fp64:
      guard let number = Double(text) else { return false }
      packed.append(number.bitPattern, count: 8)
    case .uint64:
      guard let number = UInt64(text) else { return false }
      packed.append(varint: number)
    default:
      guard let number = Int64(text), range(of: type).contains(number) else { return false }
      packed.append(varint: UInt64(bitPattern: number))
    }
    return true
  }

  private static func range(of type: TensorType) -> ClosedRange<Int64> {
    switch type {
    case .bool: 0...1
    case .uint8: 0...Int64(UInt8.max)
    case .uint16: 0...Int64(UInt16.max)
    case .uint32: 0...Int64(UInt32.max)
    case .int8: Int64(Int8.min)...Int64(Int8.max)
    case .int16: Int64(Int16.min)...Int64(Int16.max)
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    default: Int64.min...Int64.max
    }
  }
}
