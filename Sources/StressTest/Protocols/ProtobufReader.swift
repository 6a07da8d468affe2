/// The fields of a message in the protocol buffers' wire format, one after another.
///
/// gRPC inference needs nine small messages. A generated reader would bring a library that takes
/// minutes to build, and would build every tensor of an answer that is only counted here.
struct ProtobufReader {
  enum Value: Hashable {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A text, bytes, a message within, or packed numbers.
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  /// Whether what was read so far, or came to an end, isn't as it should be.
  private(set) var isMalformed = false

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field; nil at the end, or where there is none that can be read.
  mutating func next() -> (number: Int, value: Value)? {
    guard !rest.isEmpty, !isMalformed else { return nil }
    guard let field = read() else {
      isMalformed = true
      return nil
    }
    return field
  }

  private mutating func read() -> (number: Int, value: Value)? {
    guard let key = varint(), key >> 3 > 0, key >> 3 < 1 << 29 else { return nil }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return varint().map { (number, .varint($0)) }
    case 1: return fixed(8).map { (number, .fixed64($0)) }
    case 2:
      guard let length = varint(), length <= UInt64(rest.count) else { return nil }
      let bytes = rest.prefix(Int(length))
      rest = rest.dropFirst(Int(length))
      return (number, .bytes(bytes))
    case 5: return fixed(4).map { (number, .fixed32(UInt32(truncatingIfNeeded: $0))) }
    // Groups went out of use before gRPC was there.
    default: return nil
    }
  }

  /// A number of one to ten bytes, seven bits in each.
  private mutating func varint() -> UInt64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      guard shift < 63 || byte <= 1 else { return nil }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    return nil
  }

  private mutating func fixed(_ count: Int) -> UInt64? {
    guard rest.count >= count else { return nil }
    let number = rest.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(count)
    return number
  }

  /// The numbers of a packed field; nil where the last has no end.
  static func packedVarints(_ bytes: ArraySlice<UInt8>) -> [UInt64]? {
    var reader = ProtobufReader(bytes)
    var numbers: [UInt64] = []
    while !reader.rest.isEmpty {
      guard let number = reader.varint() else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}

/// Writes a message in the same format; fields that have their default may be left out.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ number: Int, varint: UInt64) {
    append(varint: UInt64(number) << 3)
    append(varint: varint)
  }

  mutating func add(_ number: Int, bytes content: some Collection<UInt8>) {
    append(varint: UInt64(number) << 3 | 2)
    append(varint: UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  mutating func add(_ number: Int, text: String) { add(number, bytes: Array(text.utf8)) }

  mutating func add(_ number: Int, fixed64: UInt64) {
    append(varint: UInt64(number) << 3 | 1)
    append(fixed64, count: 8)
  }

  /// As elements of a packed field have it: without a key.
  mutating func append(varint: UInt64) {
    var rest = varint
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Least significant byte first.
  mutating func append(_ number: UInt64, count: Int) {
    for index in 0..<UInt64(count) {
      bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
    }
  }
}
