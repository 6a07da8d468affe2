import Kubernetes
import Tuning

/// The `command` and `args` of a container, where flags are found and set: `--flag=value` and
/// `--flag value` in place, a new one at the end.
struct ArgumentList {
  private let container: JSONPointer
  init(_ container: JSONPointer) { self.container = container }

  private var lists: [JSONPointer] {
    [container.appending("args"), container.appending("command")]
  }

  // MARK: Flags

  /// Where a flag's value stands: beside the flag, or in the element after it.
  private enum Place {
    case joined(JSONPointer, value: String)
    case following(JSONPointer, value: String)
    /// The flag without a value.
    case alone(JSONPointer)
  }

  func value(of flag: String, in document: JSONValue) -> String? {
    switch place(of: flag, in: document) {
    case .joined(_, let value), .following(_, let value): value
    case .alone, nil: nil
    }
  }

  func write(
    _ value: String, flag: String, _ builder: inout PatchBuilder
  ) throws(JSONPatchError) {
    switch place(of: flag, in: builder.document) {
    case .joined(let pointer, _), .alone(let pointer):
      try builder.set(pointer, to: .string("\(flag)=\(value)"))
    case .following(let pointer, _):
      try builder.set(pointer, to: .string(value))
    case nil:
      try builder.append(.string("\(flag)=\(value)"), to: container.appending("args"))
    }
  }

  /// The last occurrence, since that is the one which counts.
  private func place(of flag: String, in document: JSONValue) -> Place? {
    for list in lists {
      let texts = Self.texts(document[list])
      for index in texts.indices.reversed() {
        if texts[index].hasPrefix(flag + "=") {
          let value = String(texts[index].dropFirst(flag.count + 1))
          return .joined(list.appending(index), value: value)
        }
        guard texts[index] == flag else { continue }
        let next = index + 1 < texts.count ? texts[index + 1] : nil
        guard let next, !next.hasPrefix("-") || Double(next) != nil else {
          return .alone(list.appending(index))
        }
        return .following(list.appending(index + 1), value: next)
      }
    }
    return nil
  }

  // MARK: Bare levels

  /// The arguments at the end, where they are levels of these domains, one each; else none.
  func trailingLevels(of domains: [Domain], in document: JSONValue) -> [String] {
    let tail = Self.texts(document[container.appending("args")]).suffix(domains.count)
    guard tail.count == domains.count else { return [] }
    let areLevels = zip(tail, domains).allSatisfy { text, domain in
      domain.levels.contains { $0.text == text }
    }
    return areLevels ? Array(tail) : []
  }

  /// Replaces the levels at the end, or appends.
  func write(
    _ values: [String], replacing domains: [Domain], _ builder: inout PatchBuilder
  ) throws(JSONPatchError) {
    guard values.count == domains.count else { return }
    let list = container.appending("args")
    let present = trailingLevels(of: domains, in: builder.document)
    let count = builder.document[list]?.array?.count ?? 0
    for (number, value) in values.enumerated() {
      if present.isEmpty {
        try builder.append(.string(value), to: list)
      } else {
        try builder.set(list.appending(count - values.count + number), to: .string(value))
      }
    }
  }

  private static func texts(_ value: JSONValue?) -> [String] {
    (value?.array ?? []).map { $0.scalarText ?? "" }
  }
}
