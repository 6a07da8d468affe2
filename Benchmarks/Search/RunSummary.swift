import Foundation

/// Many searches in a line: medians, 90th percentiles and shares.
struct RunSummary {
  static let header = """
    problem                 | within 1 %  | exact       | stop        | regret %     | infeas. % | \
    feasible | bound      | ask
                            |  med   p90  |  med   p90  |  med   p90  |  med   p90   | ours rand | \
    rec. %   | holds none | ms
    """

  let name: String
  let runs: [SearchRun]

  var line: String {
    let stops = runs.compactMap(\.stop)
    let vouched = stops.compactMap(\.boundHolds)
    let infeasible = runs.map(\.infeasibleShare).reduce(0, +) / Double(runs.count)
    let random = runs.map(\.problem.infeasibleShare).reduce(0, +) / Double(runs.count)
    let feasible = Self.share(stops.count(where: \.isFeasible), stops.count)
    let holds = Self.share(vouched.count { $0 }, vouched.count)
    let none = Self.share(stops.count - vouched.count, stops.count)
    return [
      name.padding(toLength: 24, withPad: " ", startingAt: 0),
      Self.pair(runs.map { $0.near.map(Double.init) ?? .infinity }, "%5.0f"),
      Self.pair(runs.map { $0.exact.map(Double.init) ?? .infinity }, "%5.0f"),
      Self.pair(stops.map { Double($0.trials) }, "%5.0f"),
      Self.pair(stops.map { 100 * $0.regret }, "%6.2f"),
      String(format: " %3.0f  %3.0f  ", 100 * infeasible, 100 * random),
      String(format: "   %5.1f ", feasible), String(format: " %5.1f %3.0f ", holds, none),
      String(format: " %.1f", runs.flatMap(\.askMilliseconds).median),
    ].joined(separator: "|")
  }

  /// One search by itself.
  static func line(of run: SearchRun) -> String {
    let stop = run.stop
    return [
      run.problem.name.padding(toLength: 20, withPad: " ", startingAt: 0), "seed \(run.seed)",
      "near \(run.near.map(String.init) ?? "never")",
      "exact \(run.exact.map(String.init) ?? "never")",
      String(format: "infeasible %.0f %%", 100 * run.infeasibleShare),
      "stop \(stop.map { String($0.trials) } ?? "never")",
      stop.map { String(format: "regret %.2f %%", 100 * $0.regret) } ?? "",
      stop.map { $0.isFeasible ? "feasible" : "INFEASIBLE" } ?? "",
      stop.map { stop in
        stop.bound.map {
          String(format: "bound %.2f %% %@", 100 * $0, stop.boundHolds == true ? "holds" : "FAILS")
        } ?? "no bound"
      } ?? "",
      String(format: "%.1f ms", run.askMilliseconds.median),
    ].joined(separator: "  ")
  }

  private static func pair(_ values: [Double], _ format: String) -> String {
    [0.5, 0.9].map { share in
      let value = values.quantile(share)
      return value.isFinite ? String(format: format, value) : "    –"
    }.joined(separator: " ") + "  "
  }

  private static func share(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? .nan : 100 * Double(part) / Double(whole)
  }
}
