import Kubernetes
import Synchronization

/// Turns changes of objects into keys to reconcile.
final class Intake: Sendable {
  /// A key of one controller.
  struct Item: Hashable, Sendable {
    let controller: Int
    let key: ObjectKey
  }

  private struct Route: Sendable {
    let controller: Int
    let keys: @Sendable (KubernetesObject) -> [ObjectKey]
    let concernsEverything: Bool
  }

  let queue: WorkQueue<Item>
  /// What has to be followed, each once.
  let places: [Follower.Place]
  private let routes: [Follower.Place: [Route]]
  private let namespaces: Set<String>?
  private let isOpen = Mutex(false)
  /// Tells that everything is to be looked at again.
  let wakeUps: AsyncStream<Void>
  private let wakeUp: AsyncStream<Void>.Continuation

  init(
    _ controllers: [Controller], following kinds: [ResourceKind], namespaces: [String]?,
    queue: WorkQueue<Item>
  ) {
    self.queue = queue
    (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.namespaces = namespaces.map { Set($0) }
    var places: [Follower.Place] = []
    var routes: [Follower.Place: [Route]] = [:]
    func add(_ kind: ResourceKind, _ selection: Selection, _ route: Route?) {
      for place in Self.places(kind, selection, namespaces) {
        if routes[place] == nil { places.append(place) }
        routes[place, default: []] += [route].compactMap(\.self)
      }
    }
    for (index, controller) in controllers.enumerated() {
      for source in controller.sources {
        add(
          source.kind, source.selection,
          Route(
            controller: index, keys: source.keys, concernsEverything: source.concernsEverything))
      }
    }
    for kind in kinds { add(kind, Selection(), nil) }
    self.places = places
    self.routes = routes
  }

  /// One for each namespace that is allowed.
  private static func places(
    _ kind: ResourceKind, _ selection: Selection, _ namespaces: [String]?
  ) -> [Follower.Place] {
    guard let namespaces, kind.isNamespaced, selection.namespace == nil else {
      return [Follower.Place(kind: kind, selection: selection)]
    }
    return namespaces.map { namespace in
      var narrowed = selection
      narrowed.namespace = namespace
      return Follower.Place(kind: kind, selection: narrowed)
    }
  }

  /// Until then changes are not taken: whoever begins to work looks at everything first.
  func open() { isOpen.withLock { $0 = true } }

  /// - Parameter isNews: false for what was there before, by which nothing else is woken.
  func take(_ change: ObjectChange, at place: Follower.Place, isNews: Bool = true) {
    guard isOpen.withLock({ $0 }) else { return }
    for route in routes[place] ?? [] {
      if route.concernsEverything, isNews { wakeUp.yield() }
      var keys = Set(route.keys(change.object))
      // What an object no longer concerns has to hear of it too.
      if case .modified(let old, _) = change { keys.formUnion(route.keys(old)) }
      for key in keys.sorted() where isAllowed(key) {
        queue.add(Item(controller: route.controller, key: key))
      }
    }
  }

  private func isAllowed(_ key: ObjectKey) -> Bool {
    guard let namespaces, let namespace = key.namespace else { return true }
    return namespaces.contains(namespace)
  }
}
