import ArgumentParser
import Controllers
import CustomResources
import Foundation
import StressTest
import Tuning

/// Turns the options of `morphling stress` into a job, or names every problem that they have.
struct StressOptions {
  private let command: StressCommand

  init(_ command: StressCommand) { self.command = command }

  func job() throws -> StressJob {
    if command.url == nil {
      if let file = command.file {
        try checkAlone("-f \(file)")
        return try Self.job(
          reading: String(decoding: try RunInputs.contents(file), as: UTF8.self), from: file)
      }
      let variable = StressRun.planVariable
      if let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty {
        try checkAlone(variable)
        return try Self.job(reading: text, from: variable)
      }
    }
    guard let url = command.url, command.file == nil else {
      throw ValidationError(
        command.url == nil
          ? "no server; give its URL, or a plan with -f" : "a URL beside -f; give one of them")
    }
    return try read(url)
  }

  private static func job(reading text: String, from source: String) throws -> StressJob {
    do {
      return try StressJob(json: text)
    } catch {
      throw Failure(.wrongInput, "error: \(source): \(error)")
    }
  }

  /// A plan says everything.
  private func checkAlone(_ plan: String) throws {
    let command = command
    let texts = [
      command.duration, command.body, command.method, command.expect, command.warmUp,
      command.timeout, command.timeBudget, command.readinessDeadline,
    ]
    guard texts.allSatisfy({ $0 == nil }), command.slo.isEmpty, command.header.isEmpty,
      command.rate == nil, command.rateMin == nil, command.rateMax == nil, command.seed == nil,
      command.requestProtocol == nil, command.arrival == nil, !command.findCapacity,
      !command.stopEarly, command.usage.isEmpty, command.loads.given.isEmpty,
      command.loads.replaySpeed == nil,
      !command.requests.isGiven
    else {
      throw ValidationError(
        "\(plan): other options are given; give --output, --termination-log and --allow-external "
          + "at most, since all else comes from the plan")
    }
  }

  private func read(_ url: String) throws -> StressJob {
    let aims =
      (command.rate != nil ? ["--rate"] : []) + command.loads.given
      + (command.findCapacity ? ["--find-capacity"] : [])
    guard aims.count == 1 else {
      throw ValidationError(
        aims.isEmpty
          ? "nothing to do; give --rate, --concurrency, --ramp, --steps, --replay or "
            + "--find-capacity" : "\(aims[0]) beside \(aims[1]); give one of them")
    }
    var problems: [Problem] = []
    let target = try target(url, &problems)
    let plan = plan(&problems)
    let usage = usage(&problems)
    guard problems.isEmpty else {
      throw Failure(.wrongInput, Diagnostics(problems).description)
    }
    return StressJob(target: target, plan: plan, usage: usage)
  }

  private func usage(_ problems: inout [Problem]) -> UsageSource? {
    let options = command.usage
    if options.isEmpty { return nil }
    guard let root = options.prometheus.flatMap(ServerRoot.init) else {
      problems.append(
        problem(
          "--prometheus", options.prometheus.map { "\"\($0)\"" } ?? "missing beside --usage-of",
          "a URL like http://127.0.0.1:9090 is needed"))
      return nil
    }
    let names = (options.usageOf ?? "").split(
      separator: "/", omittingEmptySubsequences: false
    ).map(String.init)
    guard names.count == 3, names.allSatisfy({ !$0.isEmpty }) else {
      problems.append(
        problem(
          "--usage-of", options.usageOf.map { "\"\($0)\"" } ?? "missing beside --prometheus",
          "write it like shop/embedder-.*/main: namespace, pods, container"))
      return nil
    }
    return UsageSource(
      prometheus: root, namespace: names[0], pods: names[1], container: names[2])
  }

  // MARK: What is sent

  private func target(_ url: String, _ problems: inout [Problem]) throws -> HTTPTarget {
    var test = StressTestDefinition()
    test.requestProtocol = command.requestProtocol ?? .http
    test.expectedText = command.expect
    if let body = command.body { test.body = .bytes(try Self.bytes(of: body)) }
    test.method = command.method?.uppercased() ?? (test.body == .none ? "GET" : "POST")
    if !HTTPTarget.isMethod(test.method) {
      problems.append(
        problem("--method", "\"\(test.method)\"", "a method like POST is needed"))
    }
    for text in command.header {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let header = HTTPTarget.Header(
        String(parts[0]),
        parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
      if parts.count == 2, header.isOneLine {
        test.headers.append(.init(name: header.name, value: header.value))
      } else {
        problems.append(problem("--header", "\"\(text)\"", "write it like 'X-Tenant: a'"))
      }
    }
    var target = test.target(url: url, fileBody: nil)
    try RequestReading(command.requests).read(into: &target, &problems)
    if let method = command.method { target.method = method.uppercased() }
    checkProtocol(test.requestProtocol, target, &problems)
    return target
  }

  private func checkProtocol(
    _ requestProtocol: StressTestDefinition.RequestProtocol, _ target: HTTPTarget,
    _ problems: inout [Problem]
  ) {
    let name = requestProtocol.rawValue
    guard requestProtocol != .http else { return }
    if target.content.isEmpty {
      problems.append(
        problem("--protocol", "\(name) without a body", "give the inference request with --body"))
      return
    }
    if command.expect != nil, requestProtocol.readsAnswers {
      problems.append(
        problem("--expect", "given with --protocol \(name)", "the protocol says what is right"))
      return
    }
    guard requestProtocol == .oipOverRPC else { return }
    if command.requests.version == .http1 {
      problems.append(problem("--http", "1.1 with --protocol \(name)", "gRPC needs HTTP/2"))
    }
    do throws(InferenceCallError) {
      _ = try target.onWire()
    } catch {
      problems.append(problem("--protocol", "\(name): \(error.found)", error.needed))
    }
  }

  /// A text that names a file stands for what is in it.
  static func bytes(of body: String) throws -> [UInt8] {
    if body == "@-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
    if body.hasPrefix("@") { return Array(try RunInputs.contents(String(body.dropFirst()))) }
    var isDirectory: ObjCBool = false
    let isFile = FileManager.default.fileExists(atPath: body, isDirectory: &isDirectory)
    return isFile && !isDirectory.boolValue
      ? Array(try RunInputs.contents(body)) : Array(body.utf8)
  }

  // MARK: How it is sent

  private func plan(_ problems: inout [Problem]) -> StressPlan {
    var plan = StressPlan(
      constraints: constraints(&problems), arrival: command.arrival ?? .poisson,
      readinessDeadline: .seconds(60), seed: command.seed ?? 0)
    // Answers of many tokens take their time.
    if command.requestProtocol == .openai, plan.limits.latencyMax == nil {
      plan.timeout = .seconds(60)
    }
    let least = Duration.milliseconds(1)
    plan.warmUp = time("--warm-up", command.warmUp, from: .zero, &problems) ?? plan.warmUp
    plan.timeout = time("--timeout", command.timeout, from: least, &problems) ?? plan.timeout
    plan.readinessDeadline =
      time("--readiness-deadline", command.readinessDeadline, from: least, &problems)
      ?? plan.readinessDeadline
    plan.timeBudget =
      time("--time-budget", command.timeBudget, from: StressPlan.timeBudgetMin, &problems)
      ?? plan.timeBudget
    let duration =
      time("--duration", command.duration, from: least, &problems) ?? StressPlan.loadDuration
    plan.rateMin = rate("--rate-min", command.rateMin, &problems) ?? plan.rateMin
    plan.rateMax =
      rate("--rate-max", command.rateMax, &problems) ?? max(plan.rateMax, plan.rateMin)
    if plan.rateMax < plan.rateMin {
      problems.append(problem("--rate-max", "below --rate-min", "give at least as much"))
    }
    plan.stopsEarly = command.stopEarly
    checkAim(&problems)
    if let load = LoadReading(command.loads).load(for: duration, &problems) {
      plan.aim = .given(load)
    }
    if let rate = rate("--rate", command.rate, &problems) {
      plan.aim = .load(rate, duration)
      if !StressPlan.isWithinBounds(rate, for: duration) {
        problems.append(
          problem(
            "--duration", "too many requests",
            "at most \(StressPlan.requestsMax) in all are possible"))
      }
    }
    return plan
  }

  /// What belongs to the other of the two things to do.
  private func checkAim(_ problems: inout [Problem]) {
    let isSearch = command.findCapacity
    let ofSearch = [
      ("--rate-min", command.rateMin != nil), ("--rate-max", command.rateMax != nil),
      ("--time-budget", command.timeBudget != nil),
    ]
    let aim = isSearch ? "--find-capacity" : command.loads.given.first ?? "--rate"
    for (option, isGiven) in ofSearch where isGiven && !isSearch {
      problems.append(problem(option, "given with \(aim)", "it belongs to --find-capacity"))
    }
    if command.stopEarly, command.rate == nil {
      problems.append(problem("--stop-early", "given with \(aim)", "it belongs to --rate"))
    }
    if command.duration != nil, command.loads.replay != nil {
      problems.append(
        problem("--duration", "given with --replay", "the record says how long it goes on"))
    }
    if command.loads.replaySpeed != nil, command.loads.replay == nil {
      problems.append(problem("--replay-speed", "given without --replay", "give both"))
    }
    if command.duration != nil, isSearch {
      problems.append(
        problem("--duration", "given with --find-capacity", "give --time-budget instead"))
    }
  }

  private func constraints(_ problems: inout [Problem]) -> [Constraint] {
    command.slo.compactMap { text in
      do throws(OptionError) {
        let bound = try Overrides.Bound(text)
        if bound.metric.isOfGeneration, command.requestProtocol != .openai {
          problems.append(
            problem("--slo", "\(bound.metric)", "it belongs to --protocol openai"))
          return nil
        }
        if let constraint = StressPlan.bound(on: bound.metric, bound.maximum) { return constraint }
        problems.append(
          problem(
            "--slo", "\"\(bound.metric)\"",
            "mean, p50, p90, p95, p99 or error-rate is needed, which a stress test holds, or one of "
              + "the former after ttft-, itl- or tpot-"))
      } catch {
        problems.append(error.problem)
      }
      return nil
    }
  }

  private func time(
    _ option: String, _ text: String?, from least: Duration, _ problems: inout [Problem]
  ) -> Duration? {
    guard let text else { return nil }
    if let time = DurationText.duration(text, bare: .seconds(1)), time >= least,
      time <= .seconds(86_400)
    {
      return time
    }
    problems.append(
      problem(
        option, "\"\(text)\"",
        "a duration like 10s is needed, from \(DurationText.text(least)) to 24h"))
    return nil
  }

  private func rate(
    _ option: String, _ number: Double?, _ problems: inout [Problem]
  ) -> Rate? {
    guard let number else { return nil }
    if number >= 0.001, number <= StressPlan.rateMax.perSecond { return Rate(perSecond: number) }
    problems.append(
      problem(option, "\(number)", "requests per second, from 0.001 to 1000000, are needed"))
    return nil
  }

  private func problem(_ place: String, _ found: String, _ needed: String) -> Problem {
    Problem(.error, at: place, found: found, needed: needed)
  }
}
