import CCurl
import Foundation
import Glibc
import Kubernetes
import Synchronization

/// One thread that drives all exchanges with one server, over as few connections as it can.
final class HTTPLoop: Sendable {
  private let work: LoopWork

  /// Nil where libcurl has no memory or descriptors left.
  init?() {
    guard CurlLibrary.isReady, let work = LoopWork() else { return nil }
    self.work = work
    let thread = Thread { work.run() }
    thread.name = "cluster"
    thread.start()
  }

  /// What is still under way ends as interrupted.
  deinit { work.post(.stop) }

  func start(_ exchange: Exchange) { work.post(.start(exchange)) }
  func cancel(_ exchange: Exchange) { work.post(.cancel(exchange)) }
  func resume(_ exchange: Exchange) { work.post(.resume(exchange)) }
}

/// What the thread does; it lives as long as the thread.
private final class LoopWork: Sendable {
  enum Command: Sendable {
    case start(Exchange)
    case cancel(Exchange)
    case resume(Exchange)
    case stop
  }

  /// Waking it up is the one thing that other threads may do.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer
  private let inbox = Mutex<[Command]>([])

  init?() {
    guard let multi = curl_multi_init() else { return nil }
    self.multi = multi
  }

  deinit { curl_multi_cleanup(multi) }

  func post(_ command: Command) {
    inbox.withLock { $0.append(command) }
    curl_multi_wakeup(multi)
  }

  func run() {
    var active: [UnsafeMutableRawPointer: Exchange] = [:]
    while obey(&active) {
      var count: Int32 = 0
      curl_multi_perform(multi, &count)
      collect(&active)
      curl_multi_poll(multi, nil, 0, 10_000, nil)
    }
    for exchange in active.values {
      curl_multi_remove_handle(multi, exchange.handle)
      exchange.finish(CURLE_RECV_ERROR)
    }
  }

  /// False when it is to stop.
  private func obey(_ active: inout [UnsafeMutableRawPointer: Exchange]) -> Bool {
    let commands = inbox.withLock { inbox in
      defer { inbox = [] }
      return inbox
    }
    for command in commands {
      switch command {
      case .start(let exchange):
        if curl_multi_add_handle(multi, exchange.handle) == CURLM_OK {
          active[exchange.handle] = exchange
        } else {
          exchange.finish(CURLE_OUT_OF_MEMORY)
        }
      case .cancel(let exchange):
        if active.removeValue(forKey: exchange.handle) != nil {
          curl_multi_remove_handle(multi, exchange.handle)
          exchange.finish(CURLE_ABORTED_BY_CALLBACK)
        }
      case .resume(let exchange):
        if active[exchange.handle] != nil {
          curl_easy_pause(exchange.handle, CURLPAUSE_CONT)
        }
      case .stop: return false
      }
    }
    return true
  }

  private func collect(_ active: inout [UnsafeMutableRawPointer: Exchange]) {
    var count: Int32 = 0
    while let message = curl_multi_info_read(multi, &count) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      // Removing the handle frees the message.
      let code = ccurl_message_result(message)
      guard let handle = message.pointee.easy_handle else { continue }
      curl_multi_remove_handle(multi, handle)
      active.removeValue(forKey: handle)?.finish(code)
    }
  }
}
