package import Kubernetes

/// One object of a manifest, and the lines on which its fields stand.
package struct Document: Hashable, Sendable {
  /// The file's name, for messages.
  package let file: String
  package let value: JSONValue
  private let lines: [JSONPointer: Int]

  package init(file: String, value: JSONValue, lines: [JSONPointer: Int] = [:]) {
    self.file = file
    self.value = value
    self.lines = lines
  }

  package var apiVersion: String { value["apiVersion"]?.string ?? "" }
  package var kind: String { value["kind"]?.string ?? "" }
  package var metadata: ObjectMeta { ObjectMeta(value["metadata"]) }
  /// The part of `apiVersion` before the slash; empty for the core group.
  package var group: String {
    apiVersion.split(separator: "/").count == 2 ? String(apiVersion.prefix { $0 != "/" }) : ""
  }

  /// The line of a field; for one that isn't there, of the closest that holds it.
  package func line(of pointer: JSONPointer) -> Int? {
    var place: JSONPointer? = pointer
    while let current = place {
      if let line = lines[current] { return line }
      place = current.parent
    }
    return nil
  }

  /// `service.yaml:12: spec.predictors[0].name`
  package func location(of pointer: JSONPointer) -> String {
    let line = line(of: pointer).map { ":\($0)" } ?? ""
    let path = Self.path(pointer)
    return file + line + (path.isEmpty ? "" : ": \(path)")
  }

  /// `spec.predictors[0].resources["nvidia.com/gpu"]`
  private static func path(_ pointer: JSONPointer) -> String {
    pointer.tokens.reduce(into: "") { path, token in
      if Int(token) != nil {
        path += "[\(token)]"
      } else if token.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) {
        path += path.isEmpty ? token : ".\(token)"
      } else {
        path += "[\"\(token)\"]"
      }
    }
  }
}
