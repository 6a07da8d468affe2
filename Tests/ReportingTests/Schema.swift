import Foundation

/// As much of JSON Schema as the schema of `report.json` uses.
struct Schema {
  private let root: Any

  init(_ text: String) throws {
    root = try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  /// What is wrong with a text, each with its place; empty when it is valid.
  func problems(of text: String) throws -> [String] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return problems(value, root, "")
  }

  private func problems(_ value: Any, _ schema: Any, _ place: String) -> [String] {
    guard let schema = schema as? [String: Any] else { return [] }
    var found: [String] = []
    if let types = schema["type"] as? [String] ?? (schema["type"] as? String).map({ [$0] }),
      !types.contains(where: { Self.isOf(value, type: $0) })
    {
      return ["\(place): \(value) is not \(types.joined(separator: " or "))"]
    }
    if let allowed = schema["enum"] as? [NSObject], let object = value as? NSObject,
      !allowed.contains(object)
    {
      found.append("\(place): \(value) is not one of \(allowed)")
    }
    if let either = schema["anyOf"] as? [Any] {
      let attempts = either.map { problems(value, $0, place) }
      if !attempts.contains(where: \.isEmpty) { found += attempts.first ?? [] }
    }
    if let elements = value as? [Any], let items = schema["items"] {
      for (number, element) in elements.enumerated() {
        found += problems(element, items, "\(place)/\(number)")
      }
    }
    if let object = value as? [String: Any] {
      found += problems(object: object, schema, place)
    }
    return found
  }

  private func problems(
    object: [String: Any], _ schema: [String: Any], _ place: String
  ) -> [String] {
    let properties = schema["properties"] as? [String: Any]
    let required = schema["required"] as? [String] ?? []
    var found = required.filter { object[$0] == nil }.map { "\(place)/\($0) is missing" }
    for (key, value) in object {
      if let property = properties?[key] ?? schema["additionalProperties"] {
        found += problems(value, property, "\(place)/\(key)")
      } else if properties != nil {
        found.append("\(place)/\(key) is not in the schema")
      }
    }
    return found
  }

  private static func isOf(_ value: Any, type: String) -> Bool {
    let isBool = (value as? NSNumber).map { CFBooleanLike.isBool($0) } ?? false
    switch type {
    case "null": return value is NSNull
    case "string": return value is String
    case "boolean": return isBool
    case "number": return value is NSNumber && !isBool
    case "integer":
      guard let number = value as? NSNumber, !isBool else { return false }
      return number.doubleValue.rounded() == number.doubleValue
    case "array": return value is [Any]
    case "object": return value is [String: Any]
    default: return false
    }
  }

  private enum CFBooleanLike {
    static func isBool(_ number: NSNumber) -> Bool {
      number === NSNumber(value: true) || number === NSNumber(value: false)
        || String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
    }
  }
}
