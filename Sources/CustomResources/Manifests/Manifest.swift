import Kubernetes
import Yams

/// The objects of a YAML or JSON text.
package struct Manifest: Hashable, Sendable {
  /// The file's name, for messages.
  package let file: String
  package let documents: [Document]
  package let diagnostics: Diagnostics

  /// Reads every document of the text; `file` is its name in messages.
  package init(_ text: String, file: String) {
    let log = ProblemLog()
    var documents: [Document] = []
    do {
      // The parser keeps a pointer into the text, which a string of up to 15 bytes does not
      // have; a few empty lines make it longer.
      let padding = text.utf8.count < 16 ? String(repeating: "\n", count: 16) : ""
      let parser = try Parser(yaml: text + padding)
      while let root = try parser.nextRoot() {
        var composer = DocumentComposer(file: file, log: log)
        guard let document = composer.document(root) else { continue }
        documents.append(document)
      }
    } catch {
      log.append(Self.problem(error, file: file, lines: text.split(separator: "\n").count))
    }
    self.file = file
    self.documents = documents
    self.diagnostics = log.diagnostics
  }

  /// Documents that were read before.
  init(documents: [Document], file: String) {
    self.file = file
    self.documents = documents
    self.diagnostics = Diagnostics()
  }

  /// The same without some of its documents.
  package func removing(_ isRemoved: (Document) -> Bool) -> Manifest {
    Manifest(file: file, documents: documents.filter { !isRemoved($0) }, diagnostics: diagnostics)
  }

  private init(file: String, documents: [Document], diagnostics: Diagnostics) {
    self.file = file
    self.documents = documents
    self.diagnostics = diagnostics
  }

  /// The parser counts the line after the last as one more.
  private static func problem(_ error: any Error, file: String, lines: Int) -> Problem {
    let needed = "give well-formed YAML"
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let setting = context.map { " \($0.text) of line \(min($0.mark.line, max(lines, 1)))" } ?? ""
      return Problem(
        .error, at: "\(file):\(min(mark.line, max(lines, 1))):\(mark.column)",
        found: problem + setting, needed: needed)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
      return Problem(
        .error, at: "\(file):\(context.mark.line)", found: "\(names) is there twice in one mapping",
        needed: "give every key once")
    case .reader(let problem, _, _, _):
      return Problem(.error, at: file, found: problem, needed: "give UTF-8 text")
    default: return Problem(.error, at: file, found: "\(error)", needed: needed)
    }
  }
}

/// Turns one parsed document into a value, remembering lines. References to anchors are written
/// out, up to a size that no honest manifest has.
private struct DocumentComposer {
  let file: String
  let log: ProblemLog
  private var lines: [JSONPointer: Int] = [:]
  private var nodes = 0

  private static let nodesMax = 100_000

  init(file: String, log: ProblemLog) {
    self.file = file
    self.log = log
  }

  /// Nil for an empty document, and for one with a problem.
  mutating func document(_ root: Node) -> Document? {
    lines[.root] = root.mark?.line
    guard let value = value(root, at: .root) else { return nil }
    guard nodes <= Self.nodesMax else {
      report(root, found: "more than \(Self.nodesMax) values", needed: "use fewer references")
      return nil
    }
    return value == .null ? nil : Document(file: file, value: value, lines: lines)
  }

  private mutating func value(_ node: Node, at pointer: JSONPointer) -> JSONValue? {
    nodes += 1
    guard nodes <= Self.nodesMax else { return .null }
    switch node {
    case .scalar(let scalar): return ScalarResolver.value(of: scalar)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for (index, element) in sequence.enumerated() {
        let place = pointer.appending(index)
        lines[place] = element.mark?.line
        guard let value = value(element, at: place) else { return nil }
        elements.append(value)
      }
      return .array(elements)
    case .mapping(let mapping):
      var object = JSONObject()
      guard add(mapping, to: &object, at: pointer, isMerge: false) else { return nil }
      return .object(object)
    case .alias:
      report(node, found: "an unresolved reference", needed: "refer to an anchor above")
      return nil
    }
  }

  /// Adds the members; those of a merge (`<<`) only where there is none of that name.
  private mutating func add(
    _ mapping: Node.Mapping, to object: inout JSONObject, at pointer: JSONPointer, isMerge: Bool
  ) -> Bool {
    var merges: [Node] = []
    for (key, node) in mapping {
      guard let name = key.scalar?.string else {
        report(key, found: "a key that is no text", needed: "use texts for keys")
        return false
      }
      if name == "<<", key.scalar?.style == .plain {
        merges += node.sequence.map(Array.init) ?? [node]
        continue
      }
      guard !isMerge || object[name] == nil else { continue }
      let place = pointer.appending(name)
      lines[place] = key.mark?.line
      guard let value = value(node, at: place) else { return false }
      object[name] = value
    }
    for merge in merges {
      guard let merged = merge.mapping else {
        report(merge, found: "a merge (<<) of something else", needed: "merge mappings only")
        return false
      }
      guard add(merged, to: &object, at: pointer, isMerge: true) else { return false }
    }
    return true
  }

  private func report(_ node: Node, found: String, needed: String) {
    let line = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
    log.append(Problem(.error, at: file + line, found: found, needed: needed))
  }
}
