import Foundation
import Glibc
import QueueSimulation
import Tuning

/// An HTTP server on loopback that answers as a queue of a known law does: each request as soon as
/// its service would be over. One thread reads, one answers.
final class LawServer: @unchecked Sendable {
  /// Where it listens.
  let port: UInt16

  private let law: SimulatedServer
  private let listener: Int32
  /// Written to when the reading thread is to end.
  private let wakeUp: (read: Int32, write: Int32)
  /// Guards all that follows.
  private let condition = NSCondition()
  private var random: SeededGenerator
  /// When each worker is free, in seconds since the server's beginning.
  private var free: [Double]
  /// Sorted: the last is due first.
  private var due: [(at: Double, connection: Int32)] = []
  /// When the first request came.
  private var begin: Double?
  private var isOver = false
  /// Of the reading thread alone.
  private var received: [Int32: [UInt8]] = [:]

  /// Nil where no socket can be had.
  init?(_ law: SimulatedServer) {
    self.law = law
    random = SeededGenerator(seed: law.seed, stream: 31)
    free = Array(repeating: 0, count: law.workers)
    var ends: [Int32] = [-1, -1]
    let hasPipe = pipe(&ends) == 0
    wakeUp = (ends[0], ends[1])
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length) == 0 && listen(listener, 512) == 0
          && getsockname(listener, generic, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isBound, hasPipe else { return nil }
    Thread { self.readRequests() }.start()
    Thread { self.answerRequests() }.start()
  }

  func stop() {
    condition.lock()
    isOver = true
    condition.signal()
    condition.unlock()
    write(wakeUp.write, [0], 1)
  }

  private static func now() -> Double { Date().timeIntervalSinceReferenceDate }

  /// Before whatever else the machine does, where that is allowed: what the law says is due is due.
  private static func takePriority() {
    var parameters = sched_param()
    parameters.sched_priority = sched_get_priority_min(SCHED_RR)
    pthread_setschedparam(pthread_self(), SCHED_RR, &parameters)
  }
}

// MARK: - Reading

extension LawServer {
  private func readRequests() {
    Self.takePriority()
    while true {
      var descriptors = ([wakeUp.read, listener] + received.keys).map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      poll(&descriptors, nfds_t(descriptors.count), -1)
      let now = Self.now()
      for descriptor in descriptors where descriptor.revents != 0 {
        switch descriptor.fd {
        case wakeUp.read: return close()
        case listener: accept()
        default: receive(from: descriptor.fd, at: now)
        }
      }
    }
  }

  private func close() {
    for descriptor in [listener, wakeUp.read, wakeUp.write] + received.keys {
      Glibc.close(descriptor)
    }
  }

  private func accept() {
    let connection = Glibc.accept(listener, nil, nil)
    guard connection >= 0 else { return }
    var on: Int32 = 1
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    received[connection] = []
  }

  private func receive(from connection: Int32, at now: Double) {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = read(connection, &buffer, buffer.count)
    guard count > 0 else {
      received[connection] = nil
      condition.withLock { due.removeAll { $0.connection == connection } }
      Glibc.close(connection)
      return
    }
    received[connection, default: []] += buffer.prefix(count)
    // A request without a body ends with an empty line.
    while let bytes = received[connection], let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
      received[connection]?.removeFirst(end.upperBound)
      condition.withLock {
        admit(connection, at: now)
        condition.signal()
      }
    }
  }

  /// The next free worker serves it, in the order of arrival.
  private func admit(_ connection: Int32, at now: Double) {
    let first = begin ?? now
    begin = first
    let worker = free.indices.min { free[$0] < free[$1] } ?? 0
    let factor = law.law == .deterministic ? 1 : -log(random.nextUnit())
    var start = max(free[worker], now)
    if let stall = law.stall, start >= first + stall.at,
      start < first + stall.at + stall.length
    {
      start = first + stall.at + stall.length
    }
    free[worker] = start + law.serviceSeconds * factor
    let place = due.firstIndex { $0.at < free[worker] } ?? due.count
    due.insert((free[worker], connection), at: place)
  }
}

// MARK: - Answering

extension LawServer {
  private func answerRequests() {
    Self.takePriority()
    let response = Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)
    condition.lock()
    defer { condition.unlock() }
    while !isOver {
      if let next = due.last {
        if next.at <= Self.now() {
          due.removeLast()
          send(next.connection, response, response.count, Int32(MSG_NOSIGNAL))
        } else {
          _ = condition.wait(until: Date(timeIntervalSinceReferenceDate: next.at))
        }
      } else {
        condition.wait()
      }
    }
  }
}
