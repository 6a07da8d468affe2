/// What became of one object.
package enum ObjectChange: Hashable, Sendable {
  case added(KubernetesObject)
  case modified(from: KubernetesObject, to: KubernetesObject)
  /// With the last state that was seen.
  case deleted(KubernetesObject)

  /// The newest state.
  package var object: KubernetesObject {
    switch self {
    case .added(let object), .modified(_, let object), .deleted(let object): object
    }
  }
}

/// The objects of one kind, by key and by whatever else they are looked up by.
package struct ObjectCache: Sendable {
  /// Under which values an object is found in an index.
  package typealias IndexValues = @Sendable (KubernetesObject) -> [String]

  private var objectsByKey: [ObjectKey: KubernetesObject] = [:]
  private let indexValues: [String: IndexValues]
  /// Index, value, keys.
  private var indexes: [String: [String: Set<ObjectKey>]] = [:]

  package init(indexes: [String: IndexValues] = [:]) { self.indexValues = indexes }

  package subscript(key: ObjectKey) -> KubernetesObject? { objectsByKey[key] }
  /// In the order of their keys.
  package var objects: [KubernetesObject] {
    objectsByKey.sorted { $0.key < $1.key }.map(\.value)
  }
  package var count: Int { objectsByKey.count }

  /// The objects under a value of an index, in the order of their keys.
  package func objects(in index: String, under value: String) -> [KubernetesObject] {
    (indexes[index]?[value] ?? []).sorted().compactMap { objectsByKey[$0] }
  }

  /// Takes over what a watch tells; nil where that is no news.
  package mutating func apply(_ event: WatchEvent) -> ObjectChange? {
    switch event {
    case .added(let object), .modified(let object): put(object)
    case .deleted(let object): remove(object.key, last: object)
    case .bookmark, .error: nil
    }
  }

  /// Takes over a list; what isn't in it was deleted meanwhile.
  package mutating func replace(with objects: [KubernetesObject]) -> [ObjectChange] {
    let present = Set(objects.map(\.key))
    let gone = objectsByKey.keys.filter { !present.contains($0) }.sorted()
    return gone.compactMap { remove($0, last: nil) } + objects.flatMap { putListed($0) }
  }

  /// An object that was deleted and made anew while nobody watched is two changes.
  private mutating func putListed(_ object: KubernetesObject) -> [ObjectChange] {
    guard let known = objectsByKey[object.key], known.uid != object.uid else {
      return put(object).map { [$0] } ?? []
    }
    return [remove(object.key, last: nil), put(object)].compactMap(\.self)
  }

  private mutating func put(_ object: KubernetesObject) -> ObjectChange? {
    let known = objectsByKey[object.key]
    if let known {
      if known.resourceVersion == object.resourceVersion { return nil }
      index(known) { $0.remove(object.key) }
    }
    objectsByKey[object.key] = object
    index(object) { $0.insert(object.key) }
    return known.map { .modified(from: $0, to: object) } ?? .added(object)
  }

  private mutating func remove(_ key: ObjectKey, last: KubernetesObject?) -> ObjectChange? {
    guard let known = objectsByKey.removeValue(forKey: key) else { return nil }
    index(known) { $0.remove(key) }
    return .deleted(last ?? known)
  }

  private mutating func index(
    _ object: KubernetesObject, _ change: (inout Set<ObjectKey>) -> Void
  ) {
    for (name, values) in indexValues {
      for value in values(object) {
        var keys = indexes[name]?[value] ?? []
        change(&keys)
        indexes[name, default: [:]][value] = keys.isEmpty ? nil : keys
      }
    }
  }
}
