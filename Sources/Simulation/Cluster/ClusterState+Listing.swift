import Kubernetes

extension ClusterState {
  /// What is left of a list under way.
  struct Snapshot: Hashable, Sendable {
    let version: Int
    let rest: [KubernetesObject]
  }

  mutating func list(_ kind: ResourceKind, _ query: ListQuery) throws(APIFailure) -> ObjectList {
    let operation = "list \(kind)"
    _ = try service(kind, operation)
    let snapshot: Snapshot
    if let token = query.continueToken {
      guard let found = snapshots[token] else {
        throw APIFailure(
          .expired, operation: operation, message: "The provided continue parameter is too old")
      }
      snapshot = found
    } else {
      let objects = (objects[kind] ?? [:]).values.filter { query.selection.selects($0) }
      snapshot = Snapshot(version: version, rest: objects.sorted { $0.key < $1.key })
    }
    let limit = query.limit.flatMap { $0 > 0 ? $0 : nil } ?? .max
    let rest = Array(snapshot.rest.dropFirst(limit))
    return ObjectList(
      items: Array(snapshot.rest.prefix(limit)), resourceVersion: String(snapshot.version),
      continueToken: rest.isEmpty ? nil : keep(Snapshot(version: snapshot.version, rest: rest)))
  }

  private mutating func keep(_ snapshot: Snapshot) -> String {
    lastSerial += 1
    let token = "v\(snapshot.version).\(lastSerial)"
    snapshots[token] = snapshot
    return token
  }

  /// Forgets the past, as etcd does every few minutes.
  mutating func compact() {
    compactedVersion = version
    history = []
    snapshots = [:]
  }

  /// The first change after a version that a watch tells of, and the version up to which nothing
  /// else is to be told.
  func nextEvent(
    after last: Int, _ kind: ResourceKind, _ selection: Selection
  ) -> (event: WatchEvent?, version: Int) {
    let start = history.partitioningIndex { $0.version > last }
    for entry in history[start...] where entry.kind == kind {
      let was = entry.before.map(selection.selects) ?? false
      let isNow = entry.after.map(selection.selects) ?? false
      switch (was, isNow) {
      case (false, true): return (.added(entry.object), entry.version)
      case (true, true): return (.modified(entry.object), entry.version)
      // Also what is no longer selected, for this watch, is gone.
      case (true, false): return (.deleted(entry.object), entry.version)
      case (false, false): continue
      }
    }
    return (nil, version)
  }
}

extension [ClusterState.Entry] {
  /// The first index at which the condition holds; it must go on holding from there.
  fileprivate func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension Selection {
  func selects(_ object: KubernetesObject) -> Bool {
    (namespace == nil || namespace == object.namespace) && labels.matches(object.labels)
      && (fields ?? "").split(separator: ",").allSatisfy { Self.meets(object, String($0)) }
  }

  /// `metadata.name=web`, `status.phase!=Running`
  private static func meets(_ object: KubernetesObject, _ requirement: String) -> Bool {
    guard let mark = requirement.firstIndex(of: "=") else { return false }
    let isNegated = requirement[..<mark].last == "!"
    let path = requirement[..<mark].filter { $0 != "!" }
    let value = requirement[mark...].drop { $0 == "=" }
    let found = object.json[JSONPointer(path.split(separator: ".").map(String.init))]?.scalarText
    return ((found ?? "") == value) != isNegated
  }
}
