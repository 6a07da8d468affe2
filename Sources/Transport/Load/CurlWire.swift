import CCurl
import StressTest
import Synchronization

/// HTTP/2 over libcurl, which sends many requests over one connection.
final class CurlWire: LoadWire {
  private let multi: UnsafeMutableRawPointer
  private let timer: ArrivalTimer
  private let target: HTTPTarget
  private let addresses: [HostAddress]
  private var idle: [Transfer] = []
  private var underWay: [Int: Transfer] = [:]
  private var ended: [EndedRequest] = []
  private var timeout: Int64 = 0
  private var seed: UInt64 = 0
  /// Without TLS nobody can be asked for HTTP/2.
  private let isCleartext: Bool
  /// Without TLS: whether a connection is open that others may share, or is being opened.
  private var isOpen = false
  private var isOpening = false
  private var waiting: ArraySlice<(number: Int, instant: Int64)> = []
  private var bodiesWanted = 0
  private(set) var complaint: String?
  private(set) var bodiesKept: [(number: Int, body: [UInt8])] = []
  var opening: Int { 0 }

  init?(_ target: HTTPTarget, addresses: [HostAddress]) {
    guard CurlLibrary.isReady, let timer = ArrivalTimer(), let multi = curl_multi_init() else {
      return nil
    }
    self.multi = multi
    self.timer = timer
    self.target = target
    self.addresses = addresses
    isCleartext = target.url.hasPrefix("http:")
    ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
  }

  deinit {
    abandonAll()
    idle.removeAll()
    curl_multi_cleanup(multi)
  }

  func prepare(timeout: Int64, outstandingMax: Int, seed: UInt64) {
    self.timeout = timeout
    self.seed = seed
    ended.removeAll(keepingCapacity: true)
    bodiesKept = []
    // libcurl would close those beyond a few.
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(outstandingMax, 16))
  }

  func keepBodies(_ count: Int) { bodiesWanted = count }
  func wakeUp() { curl_multi_wakeup(multi) }

  func takeEnded(into list: inout [EndedRequest]) {
    list.append(contentsOf: ended)
    ended.removeAll(keepingCapacity: true)
  }

  func begin(_ number: Int, at instant: Int64) {
    waiting.append((number, instant))
    beginWaiting()
  }

  /// Without TLS, all wait until the first request has shown that its connection is good.
  private func beginWaiting() {
    while !isOpening, let (number, instant) = waiting.popFirst() { start(number, at: instant) }
  }

  private func start(_ number: Int, at instant: Int64) {
    guard let transfer = idle.popLast() ?? Transfer(target, addresses: addresses) else {
      return end(number, .resourcesExhausted)
    }
    let left = max(timeout - max(MonotonicClock.now() - instant, 0), 1)
    transfer.number = number
    transfer.prepare(timeout: .nanoseconds(left), at: instant)
    if isCleartext { transfer.setCleartext(opensConnection: !isOpen) }
    if !target.content.isFixed {
      transfer.setBody(target.content.body(of: number, seed: seed))
    }
    guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
      idle.append(transfer)
      return end(number, .otherFailure)
    }
    underWay[number] = transfer
    isOpening = isCleartext && !isOpen
  }

  func advance(until instant: Int64) {
    perform()
    guard ended.isEmpty, instant > MonotonicClock.now() else { return }
    if instant != .max { timer.set(to: instant) }
    var arrival = curl_waitfd(
      fd: timer.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    curl_multi_poll(multi, &arrival, 1, 1_000, nil)
    timer.clear()
    perform()
  }

  func abandonAll() {
    for transfer in underWay.values { retire(transfer) }
    underWay.removeAll()
    waiting = []
    isOpening = false
  }

  /// Lets libcurl send and receive what it can, and notes the answers that are complete.
  private func perform() {
    var count: Int32 = 0
    curl_multi_perform(multi, &count)
    while let message = curl_multi_info_read(multi, &count) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      // Removing the handle frees the message.
      let code = ccurl_message_result(message)
      var context: UnsafeMutableRawPointer?
      ccurl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      complete(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code)
    }
  }

  private func complete(_ transfer: Transfer, _ code: CURLcode) {
    if isCleartext {
      let isGood = code == CURLE_OK || code == CURLE_OPERATION_TIMEDOUT
      if transfer.opensConnection { isOpening = false }
      isOpen = transfer.opensConnection ? code == CURLE_OK : isOpen && isGood
    }
    defer { beginWaiting() }
    if isCleartext, transfer.hasMissedConnection {
      // The server has closed it, or has enough requests on it: another is opened.
      isOpen = false
      underWay[transfer.number] = nil
      retire(transfer)
      return waiting.append((transfer.number, transfer.begun))
    }
    let result = transfer.result(of: code)
    if result == .success, bodiesKept.count < bodiesWanted {
      bodiesKept.append((transfer.number, transfer.body.bytes))
    }
    complaint = transfer.rpc.message.isEmpty ? nil : transfer.rpc.message
    end(transfer.number, result, result == .success ? transfer.body.generation : nil)
    underWay[transfer.number] = nil
    retire(transfer)
  }

  private func end(_ number: Int, _ result: RequestResult, _ generation: Generation? = nil) {
    ended.append(
      EndedRequest(
        number: number, result: result, instant: MonotonicClock.now(), generation: generation))
  }

  /// Takes a transfer out of the loop. One that isn't complete loses its connection.
  private func retire(_ transfer: Transfer) {
    curl_multi_remove_handle(multi, transfer.handle)
    idle.append(transfer)
  }
}
