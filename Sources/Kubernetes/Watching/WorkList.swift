/// What is to be worked on, with client-go's rules (`util/workqueue`): an item stands in the list
/// once however often it is added; while it is worked on it is not handed out again; if it was
/// added meanwhile, it comes again when done.
package struct WorkList<Item: Hashable & Sendable>: Sendable {
  /// First come, first served; those before `head` were handed out.
  private var queue: [Item] = []
  private var head = 0
  /// Waiting, or added while being worked on.
  private var dirty: Set<Item> = []
  private var processing: Set<Item> = []
  /// When items that wait for their time are due.
  private var due: [Item: Duration] = [:]
  private var failures: [Item: Int] = [:]

  package init() {}

  /// How many are waiting to be handed out.
  package var count: Int { queue.count - head }
  /// Nothing waits, is delayed or being worked on.
  package var isIdle: Bool { count == 0 && processing.isEmpty && due.isEmpty }
  /// When the next delayed item is due.
  package var nextDue: Duration? { due.values.min() }

  package mutating func add(_ item: Item) {
    guard dirty.insert(item).inserted, !processing.contains(item) else { return }
    queue.append(item)
  }

  /// Adds the item when its time comes; of two times the earlier counts.
  package mutating func add(_ item: Item, at time: Duration) {
    due[item] = min(due[item] ?? time, time)
  }

  /// Adds the delayed items whose time has come, the earliest first.
  package mutating func addDue(at now: Duration) {
    let ready = due.filter { $0.value <= now }.sorted { $0.value < $1.value }
    for (item, _) in ready {
      due[item] = nil
      add(item)
    }
  }

  /// The next item to work on; it must be told `done` afterwards.
  package mutating func take() -> Item? {
    guard head < queue.count else { return nil }
    let item = queue[head]
    head += 1
    if head > 32, head * 2 > queue.count {
      queue.removeFirst(head)
      head = 0
    }
    dirty.remove(item)
    processing.insert(item)
    return item
  }

  package mutating func done(_ item: Item) {
    guard processing.remove(item) != nil, dirty.contains(item) else { return }
    queue.append(item)
  }

  /// Counts a failure of the item, and tells how many there were in a row.
  package mutating func noteFailure(of item: Item) -> Int {
    failures[item, default: 0] += 1
    return failures[item, default: 1]
  }

  package mutating func forgetFailures(of item: Item) { failures[item] = nil }
  package func failures(of item: Item) -> Int { failures[item] ?? 0 }
}
