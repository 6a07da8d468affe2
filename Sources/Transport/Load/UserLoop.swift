import StressTest

/// The users of a closed loop who have no request under way, and when each sends the next.
/// Instants are nanoseconds after the window's start.
struct UserLoop {
  /// How many connections are opened at the same time: more than a server's queue holds would be
  /// turned away by the kernel, and tried again only after a second.
  private static let openingMax = 256
  /// How long a user who can't connect waits before the next try.
  private static let rest: Int64 = 10_000_000

  /// Who haven't sent anything yet.
  private var newcomers: Int
  /// When the last request of each ended.
  private var ready = Queue()
  /// Until when each rests.
  private var resting = Queue()

  init(count: Int) { newcomers = count }

  /// When the next request of a user was due, if there is one now.
  mutating func popDue(at now: Int64, opening: Int) -> Int64? {
    if let due = ready.first {
      ready.removeFirst()
      return due
    }
    if let end = resting.first, end <= now {
      resting.removeFirst()
      return now
    }
    guard newcomers > 0, opening < Self.openingMax else { return nil }
    newcomers -= 1
    return now
  }

  /// When a user who rests goes on; nil where none rests.
  var nextDue: Int64? { ready.first ?? resting.first }

  mutating func release(at end: Int64, after result: RequestResult) {
    switch result {
    case .connectionRefused, .resourcesExhausted, .nameUnresolved, .secureChannelFailed:
      resting.append(end + Self.rest)
    default: ready.append(end)
    }
  }

  private struct Queue {
    private var values: [Int64] = []
    private var head = 0

    var first: Int64? { head < values.count ? values[head] : nil }

    mutating func append(_ value: Int64) { values.append(value) }

    mutating func removeFirst() {
      head += 1
      guard head == values.count else { return }
      values.removeAll(keepingCapacity: true)
      head = 0
    }
  }
}
