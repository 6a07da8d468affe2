import CCurl
import StressTest
import Synchronization

/// The open connections to one target and the handles that use them.
///
/// One thread drives it at a time, which is what makes it safe to send; connections stay open from
/// one window to the next. Only `wakeUp` may be called from other threads.
final class LoadSession: @unchecked Sendable {
  let multi: UnsafeMutableRawPointer
  let timer: ArrivalTimer
  private let target: HTTPTarget
  private var idle: [Transfer] = []

  init?(_ target: HTTPTarget) {
    guard CurlLibrary.isReady, let timer = ArrivalTimer(), let multi = curl_multi_init() else {
      return nil
    }
    self.multi = multi
    self.timer = timer
    self.target = target
  }

  deinit {
    idle.removeAll()
    curl_multi_cleanup(multi)
  }

  /// Keeps up to so many connections open, where libcurl would close those beyond a few.
  func keepConnections(_ count: Int) {
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, count)
  }

  /// A transfer that is no longer in use, or a new one; nil when there is no memory for it.
  func idleTransfer() -> Transfer? { idle.popLast() ?? Transfer(target) }

  /// Takes a transfer out of the loop. One that isn't complete loses its connection.
  func retire(_ transfer: Transfer) {
    curl_multi_remove_handle(multi, transfer.handle)
    idle.append(transfer)
  }

  /// Makes a waiting loop look around, from any thread.
  func wakeUp() { curl_multi_wakeup(multi) }
}
