import BayesianOptimization
import Foundation
import Tuning

let path = CommandLine.arguments[1]
let denominator = CommandLine.arguments[2]
let bound = Double(CommandLine.arguments[3])!
let latency = CommandLine.arguments[4]
let seeds = Int(CommandLine.arguments[5])!
let noise = Double(CommandLine.arguments[6])!
let stopEarly = CommandLine.arguments.count < 8
let knobCount = 3
let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
  $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
}
let header = lines[0]
let knobs = Array(header[..<knobCount])
var parameters: [Parameter] = []
for (k, name) in knobs.enumerated() {
  let values = Set(lines.dropFirst().map { Double($0[k])! })
  parameters.append(
    Parameter(
      name: ParameterName(name), domain: try Domain(numbers: Array(values)), target: .column,
      effect: name.contains("gpcs") ? .supply : .demand))
}
let rows = lines.dropFirst().map { row in (0..<knobCount).map { Level.number(Double(row[$0])!) } }
let space = try SearchSpace(parameters, allowed: Array(rows))
var table: [Configuration: [Metric: Double]] = [:]
for row in lines.dropFirst() {
  let c = Configuration(
    (0..<knobCount).map { .init(name: parameters[$0].name, level: .number(Double(row[$0])!)) })
  if row.last == "0" { continue }
  var m: [Metric: Double] = [:]
  for (j, name) in header.enumerated() where j >= knobCount && j < header.count - 1 {
    m[Metric(name)] = Double(row[j])
  }
  table[c] = m
}
func objective(_ m: [Metric: Double]) -> Double { m["throughput_rps"]! / m[Metric(denominator)]! }
let feasible = table.filter { $0.value[Metric(latency)]! <= bound }
let best = feasible.values.map(objective).max()!
print("space \(space.count) feasible \(feasible.count) best \(best)")
var used: [Int] = [], regrets: [Double] = [], hits: [Int] = [], exact: [Int] = []
let clock = ContinuousClock(); let t0 = clock.now
for seed in 0..<seeds {
  var study = Study(
    name: "x", space: space,
    objective: Objective(.maximize, try Expression("throughput_rps / \(denominator)")),
    constraints: [Constraint(metric: Metric(latency), maximum: bound, isHeldByStressTest: false)],
    limits: SearchLimits(
      trialsMax: space.count / 5, regretTolerance: Share(0.03)!, confidence: Share(0.9)!),
    seed: UInt64(seed))
  var rng = SystemRandomNumberGenerator()
  var hit = 999, ex = 999
  var bounds: [String] = []
  while true {
    let model = StudyModel(study)
    if let r = model.stopReason(), stopEarly || r != .certainEnough { break }
    if seed == 0 {
      bounds.append(model.regretBound().map { String(format: "%.2f", $0.fraction) } ?? "-")
    }
    guard let c = model.proposals(1).first else { break }
    var outcome = Outcome.infeasible(.init(.outOfMemory, .starting, detail: "table"))
    if var m = table[c] {
      if m[Metric(latency)]! <= bound {
        let v = objective(m)
        if v >= 0.99 * best { hit = min(hit, study.trials.count + 1) }
        if v >= best { ex = min(ex, study.trials.count + 1) }
      }
      if noise > 0 {
        for k in m.keys where k.name != "gpu_memory_gib" {
          let u = Double.random(in: 1e-9..<1, using: &rng),
            w = Double.random(in: 0..<1, using: &rng)
          m[k]! *= exp(noise * (-2 * log(u)).squareRoot() * cos(2 * .pi * w))
        }
      }
      outcome = .measured(Measurement(values: m))
    }
    study.trials.append(
      Trial(ordinal: study.trials.count, configuration: c, outcome: outcome, duration: .seconds(1)))
  }
  guard case .recommended(let r) = StudyModel(study).conclusion() else { print("none"); continue }
  let truth = feasible[r.configuration].map(objective)
  let regret = truth.map { 1 - $0 / best } ?? 1
  used.append(study.trials.count); regrets.append(regret); hits.append(hit); exact.append(ex)
  print(
    seed, "used", study.trials.count, "regret", String(format: "%.4f", regret), "hit1%", hit,
    "exact", ex, r.regretBound.map { "\($0.fraction)" } ?? "nil",
    study.trials.filter { $0.measurement == nil }.count, r.reason)
  if seed == 0 {
    print(bounds.joined(separator: " "));
    for t in study.trials {
      print(
        "  ", t.ordinal, t.configuration, study.feasibleObjective(of: t) ?? -1,
        t.measurement?[Metric(latency)] ?? -1)
    }
  }
}
func q(_ a: [Double], _ p: Double) -> Double {
  let s = a.sorted(); return s[min(s.count - 1, Int((p * Double(s.count)).rounded(.up)) - 1)]
}
print(
  "used median", q(used.map(Double.init), 0.5), "p90", q(used.map(Double.init), 0.9),
  "regret median", q(regrets, 0.5), "p90", q(regrets, 0.9), "hit1 median",
  q(hits.map(Double.init), 0.5), "p90", q(hits.map(Double.init), 0.9), "exact",
  q(exact.map(Double.init), 0.5), q(exact.map(Double.init), 0.9), "time", clock.now - t0)
