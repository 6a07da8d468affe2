import Kubernetes
import Simulation
import Testing

@Suite struct WorkQueueTests {
  @Test func `an item stands in the list once`() {
    var list = WorkList<String>()
    for item in ["a", "b", "a", "a"] { list.add(item) }
    #expect(list.count == 2)
    #expect(list.take() == "a" && list.take() == "b" && list.take() == nil)
  }

  @Test func `an item being worked on is not handed out again until done`() {
    var list = WorkList<String>()
    list.add("a")
    #expect(list.take() == "a")
    list.add("a")
    list.add("a")
    #expect(list.take() == nil)
    list.done("a")
    #expect(list.take() == "a")
    list.done("a")
    #expect(list.take() == nil && list.isIdle)
  }

  @Test func `of two delays the earlier counts`() {
    var list = WorkList<String>()
    list.add("a", at: .seconds(5))
    list.add("a", at: .seconds(2))
    list.add("a", at: .seconds(9))
    list.add("b", at: .seconds(1))
    #expect(list.nextDue == .seconds(1))
    list.addDue(at: .seconds(3))
    #expect(list.take() == "b" && list.take() == "a" && list.nextDue == nil)
  }

  @Test func `a long queue keeps its order`() {
    var list = WorkList<Int>()
    var taken: [Int] = []
    for number in 0..<500 {
      list.add(number)
      if number % 3 == 0, let item = list.take() {
        taken.append(item)
        list.done(item)
      }
    }
    while let item = list.take() { taken.append(item) }
    #expect(taken == Array(0..<500))
  }

  @Test func `whoever waits gets the next item`() async {
    let queue = WorkQueue<String>(clock: ManualClock(), chance: { 0.5 })
    async let item = queue.next()
    queue.add("a")
    #expect(await item == "a")
    queue.done("a")
    #expect(queue.isIdle)
  }

  @Test func `delayed items come when their time has come`() async {
    let clock = ManualClock()
    let queue = WorkQueue<String>(clock: clock, chance: { 0.5 })
    queue.add("late", after: .seconds(10))
    await clock.waitForSleepers()
    queue.add("soon", after: .seconds(3))
    // The alarm for the earlier one takes the place of the later one's.
    await clock.waitForSleepers()
    async let first = queue.next()
    while clock.untilNextWakeUp != .seconds(3) { await Task.yield() }
    clock.advance(by: .seconds(3))
    #expect(await first == "soon")
    #expect(queue.count == 0)
    while clock.untilNextWakeUp != .seconds(7) { await Task.yield() }
    clock.advance(by: .seconds(7))
    #expect(await queue.next() == "late")
  }

  @Test func `failures in a row wait longer and longer`() async {
    let clock = ManualClock()
    let queue = WorkQueue<String>(
      clock: clock, backoff: Backoff(base: .seconds(1), limit: .seconds(60)), chance: { 0.5 })
    for wait in [0.5, 1, 2] {
      queue.addAfterFailure("a")
      await clock.waitForSleepers()
      #expect(clock.untilNextWakeUp == .seconds(wait))
      clock.advance(by: .seconds(wait))
      #expect(await queue.next() == "a")
      queue.done("a")
    }
    #expect(queue.failures(of: "a") == 3)
    queue.forget("a")
    #expect(queue.failures(of: "a") == 0)
  }

  @Test func `a queue that is shut down hands out the rest, then nothing`() async {
    let queue = WorkQueue<String>(clock: ManualClock(), chance: { 0.5 })
    queue.add("a")
    queue.add("never", after: .seconds(1))
    queue.shutDown()
    #expect(await queue.next() == "a")
    #expect(await queue.next() == nil)
  }

  @Test func `a cancelled worker stops waiting`() async {
    let queue = WorkQueue<String>(clock: ManualClock(), chance: { 0.5 })
    let worker = Task { await queue.next() }
    worker.cancel()
    #expect(await worker.value == nil)
    queue.add("a")
    #expect(await queue.next() == "a")
  }
}
