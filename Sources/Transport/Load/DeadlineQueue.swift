/// When requests time out. All of a window have the same time limit, so that the first to begin is
/// the first to time out, and a queue will do. Entries of requests that have ended stay until then.
struct DeadlineQueue {
  private struct Entry {
    let deadline: Int64
    let slot: Int32
    let number: Int32
  }

  private var entries: [Entry] = []
  private var first = 0

  /// The earliest deadline, be it of a request that has ended.
  var next: Int64? { first < entries.count ? entries[first].deadline : nil }

  mutating func append(_ deadline: Int64, slot: Int, number: Int) {
    entries.append(
      Entry(
        deadline: deadline, slot: Int32(truncatingIfNeeded: slot),
        number: Int32(truncatingIfNeeded: number)))
  }

  /// Drops entries from the front as long as their requests have ended.
  mutating func drop(while hasEnded: (_ slot: Int, _ number: Int) -> Bool) {
    while first < entries.count, hasEnded(Int(entries[first].slot), Int(entries[first].number)) {
      advance()
    }
  }

  /// The next entry whose deadline has passed.
  mutating func popExpired(at now: Int64) -> (slot: Int, number: Int)? {
    guard let next, next <= now else { return nil }
    let entry = entries[first]
    advance()
    return (Int(entry.slot), Int(entry.number))
  }

  private mutating func advance() {
    first += 1
    if first > 4_096, first * 2 > entries.count {
      entries.removeFirst(first)
      first = 0
    }
  }
}
