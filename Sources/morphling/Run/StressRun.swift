import Foundation
import Reporting
import StressTest
import Transport
import Tuning

/// A run of `morphling stress`, from the check of its target to its result.
struct StressRun {
  /// The variable that a plan may come in.
  static let planVariable = "MORPHLING_STRESS_PLAN"

  let job: StressJob
  let output: StressCommand.Output
  let terminationLog: String?
  let allowsExternal: Bool

  /// - Throws: `Failure` with the status to end with, unless something was measured.
  func run() async throws {
    let progress = StressProgress()
    let result: StressResult
    do {
      result = try await Interruption().watching {
        let addresses = try await checkedAddresses()
        let usage = try usage()
        let following = Task { await usage?.follow() }
        defer { end(following, of: usage) }
        try Endpoint.checkFiles(of: job.target)
        try DescriptorLimit.raise(for: job.plan)
        return try await CandidateTest.examine(
          candidate: .probed(
            try authorizedTarget(), at: addresses, timeout: max(job.plan.timeout, .seconds(10)),
            usage: usage),
          plan: job.plan, clock: ContinuousClock()
        ) { progress.show($0) }
      }
      progress.end()
    } catch is CancellationError {
      progress.end()
      throw Failure(.interrupted, "interrupted: there is no result")
    } catch let error as LoadGeneratorError {
      progress.end()
      throw Failure(.failure, "error: \(error)")
    }
    try write(result)
    if case .unusable(let reasons) = result.verdict {
      throw Failure(.unusable, "error: not usable: " + reasons.joined(separator: "; "))
    }
    if case .infeasible(let infeasibility) = result.outcome {
      throw Failure(
        .nothingFeasible, "\(infeasibility.reason.rawValue): \(infeasibility.detail)")
    }
  }

  private func usage() throws -> PrometheusUsage? {
    do throws(ClusterConfigurationError) {
      guard let source = job.usage else { return nil }
      return try PrometheusUsage(source)
    } catch {
      throw Failure(.failure, "error: \(error)")
    }
  }

  /// What it uses is good to know, and no reason to measure nothing.
  private func end(_ following: Task<Void?, Never>, of usage: PrometheusUsage?) {
    following.cancel()
    guard let usage, let problem = usage.problem ?? (usage.usage.isKnown ? nil : "it has none")
    else { return }
    let text = "warning: what the server uses isn't known: \(problem)\n"
    FileHandle.standardError.write(Data(text.utf8))
  }

  private func write(_ result: StressResult) throws {
    if let terminationLog {
      do {
        // In place: the kubelet binds this very file into the container.
        try Data(try result.compact().utf8).write(to: URL(filePath: terminationLog))
      } catch let error as CocoaError {
        throw Failure(
          .failure,
          "error: --termination-log: \(terminationLog) can't be written: "
            + error.localizedDescription)
      }
    }
    switch output {
    case .json: print(try StressSummary.json(of: result), terminator: "")
    case .text: print(StressSummary(job, result).text, terminator: "")
    }
  }
}

// MARK: - Where load may go

extension StressRun {
  /// The target with its token.
  private func authorizedTarget() throws -> HTTPTarget {
    var target = job.target
    if let bearer = target.bearer {
      target.headers.append(
        try bearer.header(variables: ProcessInfo.processInfo.environment))
    }
    return target
  }

  /// The addresses that the target's name stands for now. Load goes to these alone, whatever the
  /// name stands for later: it is for the server that it was started for, and one elsewhere must
  /// be asked for.
  private func checkedAddresses() async throws -> [HostAddress] {
    let isInPod = ProcessInfo.processInfo.environment["KUBERNETES_SERVICE_HOST"] != nil
    let addresses = try await addresses(isInPod: isInPod)
    guard !allowsExternal else { return addresses }
    for address in addresses where !address.isLoopback && !(isInPod && address.isPrivate) {
      let place = isInPod ? "neither this pod nor in its cluster" : "not this machine"
      throw Failure(
        .wrongInput,
        "error: \(job.target.url): its address \(address) is \(place); if it is yours to load, "
          + "give --allow-external")
    }
    return addresses
  }

  /// What the host's name stands for. In a pod it is asked for again until the server must be
  /// ready: the name of a new Service takes its time to get around.
  private func addresses(isInPod: Bool) async throws -> [HostAddress] {
    let deadline = ContinuousClock.now + job.plan.readinessDeadline
    while true {
      do throws(HostAddressError) {
        return try HostAddress.addresses(ofURL: job.target.url)
      } catch {
        guard case .unresolved = error, isInPod else {
          throw Failure(.wrongInput, "error: \(error)")
        }
        guard ContinuousClock.now < deadline else { throw Failure(.failure, "error: \(error)") }
        try await Task.sleep(for: .milliseconds(500))
      }
    }
  }
}
