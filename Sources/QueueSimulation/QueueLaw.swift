import Glibc

/// What theory says of the time that a request spends in a queue, first come, first served, with
/// arrivals of a Poisson process: the mean, and the probability of staying longer.
///
/// All times are in seconds.
package struct QueueLaw: Sendable {
  package let server: SimulatedServer
  /// Arrivals per second; less than what the workers can do together.
  package let rate: Double
  private let law: Law

  private enum Law {
    case exponential(delayed: Double)
    /// Probabilities of at most so many in the system.
    case deterministic(atMost: [Double])
  }

  /// Nil where theory has no closed form for the server (batches, several workers of deterministic
  /// service, stalls) or the load has no steady state.
  package init?(_ server: SimulatedServer, rate: Double) {
    let utilization = rate * server.serviceSeconds / Double(server.workers)
    guard utilization > 0, utilization < 1, server.batchMax == 1, server.stall == nil else {
      return nil
    }
    switch server.law {
    case .exponential:
      law = .exponential(
        delayed: Self.erlangC(workers: server.workers, utilization: utilization))
    case .deterministic:
      guard server.workers == 1 else { return nil }
      law = .deterministic(atMost: Self.occupancy(utilization: utilization))
    }
    self.server = server
    self.rate = rate
  }

  /// M/M/k by Erlang's delay formula; M/D/1 by Pollaczek and Khinchine's.
  package var mean: Double {
    let service = server.serviceSeconds
    switch law {
    case .exponential(let delayed):
      return service + delayed / (Double(server.workers) / service - rate)
    case .deterministic:
      let utilization = rate * service
      return service + utilization * service / (2 * (1 - utilization))
    }
  }

  /// The time that so large a share of the requests doesn't exceed.
  package func quantile(_ probability: Double) -> Double {
    var (low, high) = (0.0, server.serviceSeconds)
    while exceedance(of: high) > 1 - probability { high *= 2 }
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if exceedance(of: middle) > 1 - probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The probability of staying longer.
  package func exceedance(of time: Double) -> Double {
    guard time > 0 else { return 1 }
    switch law {
    case .exponential(let delayed): return exponential(time, delayed)
    case .deterministic(let atMost):
      let wait = time - server.serviceSeconds
      guard wait >= 0 else { return 1 }
      return 1
        - Self.waitProbability(
          upTo: wait, rate: rate, service: server.serviceSeconds, atMost)
    }
  }

  /// Waiting is exponential for those who wait, service is exponential for all; their sum (D. Gross
  /// et al., *Fundamentals of Queueing Theory*, 2008, section 2.3).
  private func exponential(_ time: Double, _ delayed: Double) -> Double {
    let service = 1 / server.serviceSeconds
    let drain = Double(server.workers) * service - rate
    let alone = exp(-service * time)
    let both =
      abs(drain - service) < 1e-9 * service
      ? (1 + service * time) * alone
      : (drain * alone - service * exp(-drain * time)) / (drain - service)
    return (1 - delayed) * alone + delayed * both
  }

  /// The probability that all workers are busy (A. K. Erlang, 1917), from the recursion of
  /// Erlang's loss formula.
  private static func erlangC(workers: Int, utilization: Double) -> Double {
    let offered = utilization * Double(workers)
    let blocked = (1...workers).reduce(1.0) { loss, count in
      offered * loss / (Double(count) + offered * loss)
    }
    return blocked / (1 - utilization * (1 - blocked))
  }
}

// MARK: - M/D/1

extension QueueLaw {
  /// P(at most n in an M/D/1 system), for n from 0 until it is as good as 1. From the balance of
  /// steps up and down across each level, which has no differences and so is stable.
  private static func occupancy(utilization: Double) -> [Double] {
    let arrivals = poisson(mean: utilization)
    // P(at least n arrivals during a service).
    var tails = [Double](repeating: 0, count: arrivals.count + 1)
    for count in arrivals.indices.reversed() { tails[count] = tails[count + 1] + arrivals[count] }
    func tail(_ count: Int) -> Double { count < tails.count ? tails[count] : 0 }
    var shares = [1 - utilization]
    var atMost = shares
    while atMost[atMost.count - 1] < 1 - 1e-13, shares.count < 20_000 {
      let level = shares.count
      var up = shares[0] * tail(level)
      for state in max(1, level - tails.count)..<max(level, 1) {
        up += shares[state] * tail(level - state + 1)
      }
      shares.append(up / arrivals[0])
      atMost.append(min(atMost[level - 1] + shares[level], 1))
    }
    return atMost
  }

  /// G. J. Franx, "A simple solution for the M/D/c waiting time distribution", Operations Research
  /// Letters 29, 2001: a sum of positive terms.
  private static func waitProbability(
    upTo wait: Double, rate: Double, service: Double, _ atMost: [Double]
  ) -> Double {
    let services = Int((wait / service).rounded(.down)) + 1
    let arrivals = rate * (Double(services) * service - wait)
    var weight = exp(-arrivals)
    var sum = 0.0
    for count in 0..<services {
      // Those in the queue alone: one fewer than in the system.
      sum += weight * atMost[min(services - count, atMost.count - 1)]
      weight *= arrivals / Double(count + 1)
    }
    return min(sum, 1)
  }

  private static func poisson(mean: Double) -> [Double] {
    var terms = [exp(-mean)]
    while terms.count < 8 || terms[terms.count - 1] > 1e-18 {
      terms.append(terms[terms.count - 1] * mean / Double(terms.count))
    }
    return terms
  }
}
