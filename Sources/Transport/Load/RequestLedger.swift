import StressTest

/// What a wire notes of a window's requests: until when each may take, which have ended, and the
/// bodies that are kept.
struct RequestLedger {
  private(set) var seed: UInt64 = 0
  /// In the order of their deadlines: the slots of requests.
  var deadlines = DeadlineQueue()
  private(set) var bodiesKept: [(number: Int, body: [UInt8])] = []
  var bodiesWanted = 0
  private var ended: [EndedRequest] = []
  private var timeout: Int64 = 0

  var hasEnded: Bool { !ended.isEmpty }
  var wantsBody: Bool { bodiesKept.count < bodiesWanted }

  /// Before a window.
  mutating func prepare(timeout: Int64, seed: UInt64) {
    self.timeout = timeout
    self.seed = seed
    deadlines = DeadlineQueue()
    ended.removeAll(keepingCapacity: true)
    bodiesKept = []
  }

  mutating func begin(_ number: Int, slot: Int, at instant: Int64) {
    deadlines.append(instant + timeout, slot: slot, number: number)
  }

  mutating func end(_ number: Int, _ result: RequestResult, _ generation: Generation?) {
    ended.append(
      EndedRequest(
        number: number, result: result, instant: MonotonicClock.now(), generation: generation))
  }

  mutating func keep(_ body: [UInt8], of number: Int) { bodiesKept.append((number, body)) }

  mutating func takeEnded(into list: inout [EndedRequest]) {
    list.append(contentsOf: ended)
    ended.removeAll(keepingCapacity: true)
  }
}
