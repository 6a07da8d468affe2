import Tuning

/// Latency and throughput against the offered load, of the recommended configuration and the
/// baseline.
package struct LoadCharts {
  private struct Series {
    let name: String
    let mark: Mark
    let curve: LoadCurve
    /// The measured greatest rate that holds the bounds.
    let throughput: Double?
  }

  private let series: [Series]
  /// The bound on the 99th percentile, in milliseconds.
  private let bound: Double?

  package init(_ report: Report) {
    let throughput = Metric.throughput.name
    var series: [Series] = []
    if let curve = report.curves.baseline, !report.recommendsBaseline {
      series.append(
        Series(
          name: "baseline", mark: .baseline, curve: curve,
          throughput: report.baseline.measured?[throughput]))
    }
    if let curve = report.curves.recommended
      ?? (report.recommendsBaseline ? report.curves.baseline : nil)
    {
      series.append(
        Series(
          name: "recommended", mark: .recommended, curve: curve,
          throughput: report.recommendedEntry?.measured?[throughput]))
    }
    self.series = series.filter { !$0.curve.points.isEmpty || !$0.curve.loadSteps.isEmpty }
    bound = report.constraints.first { $0.metric == Metric.latencyP99.name }?.max
  }

  /// Nil where no load was recorded.
  package var latency: String? {
    let measured = series.flatMap { $0.curve.loadSteps.map(\.latencies.p99) }
    let fitted = series.flatMap { $0.curve.points.compactMap(\.p99) }
    // A curve rises without end at saturation; what was measured decides how far to follow it.
    let seen = measured + [bound ?? 0]
    let ceiling = measured.isEmpty ? Double.infinity : (seen.max() ?? 0) * 1.3
    let values = measured + fitted.filter { $0 <= ceiling } + [bound].compactMap { $0 }
    guard let x = rateAxis,
      let y = Axis(spanning: values.filter { $0 > 0 }, title: "p99 latency (ms)")
    else { return nil }
    var plot = Plot(name: "latency", x: x, y: y, keys: keys)
    for one in series {
      plot.band(
        one.curve.points.compactMap { point in
          guard let lower = point.p99Lower, let upper = point.p99Upper else { return nil }
          return (point.offeredRate, lower, upper)
        }, class: "band \(one.name)")
    }
    if let bound { plot.across(bound, label: "bound \(Figure.text(bound)) ms") }
    for one in series {
      if let throughput = one.throughput { plot.up(throughput, class: "rate \(one.name)") }
      plot.curve(
        one.curve.points.compactMap { point in point.p99.map { (point.offeredRate, $0) } },
        class: "line \(one.name)")
      for step in one.curve.stepsInOrder { Self.draw(step, of: one, in: &plot) }
    }
    return plot.document(
      label: "99th percentile of latency against offered load, for "
        + series.map(\.name).joined(separator: " and "))
  }

  /// Nil where no load was recorded.
  package var throughput: String? {
    let rates = series.flatMap { one in
      one.curve.loadSteps.map(\.achievedRate) + one.curve.points.compactMap(\.achievedRate)
    }
    guard !rates.isEmpty, let x = rateAxis,
      let y = Axis(spanning: rates, title: "answered (req/s)", logarithmicBeyond: .infinity)
    else { return nil }
    let ideal = Plot.Key(symbol: .line("ideal"), text: "all answered")
    var plot = Plot(name: "throughput", x: x, y: y, keys: keys + [ideal])
    let end = min(x.upper, y.upper)
    let start = max(x.lower, y.lower)
    plot.curve(
      (0...40).map { start + (end - start) * Double($0) / 40 }.map { ($0, $0) }, class: "ideal")
    for one in series {
      plot.curve(
        one.curve.points.compactMap { point in point.achievedRate.map { (point.offeredRate, $0) } },
        class: "line \(one.name)")
      for step in one.curve.stepsInOrder {
        plot.mark(
          one.mark.smaller(4), step.offeredRate, step.achievedRate,
          title: Self.title(of: step, one.name))
      }
    }
    return plot.document(
      label: "Answered against offered load, for " + series.map(\.name).joined(separator: " and "))
  }

  /// Where each curve bends and ends, in words.
  var captions: [String] {
    series.compactMap { one in
      let knee = one.curve.kneeRate.map { "latency climbs from \(Figure.text($0)) req/s" }
      let capacity = one.curve.capacityRate.map { "capacity \(Figure.text($0)) req/s" }
      let parts = [knee, capacity].compactMap { $0 }
      return parts.isEmpty ? nil : "\(one.name): " + parts.joined(separator: ", ")
    }
  }

  private var rateAxis: Axis? {
    let rates = series.flatMap { one in
      one.curve.loadSteps.map(\.offeredRate) + one.curve.points.map(\.offeredRate)
    }
    return Axis(
      spanning: rates.filter { $0 > 0 }, title: "offered load (req/s)", logarithmicBeyond: 200)
  }

  private var keys: [Plot.Key] {
    series.reversed().flatMap { one in
      [
        Plot.Key(symbol: .mark(one.mark), text: "\(one.name), measured"),
        one.curve.points.isEmpty
          ? nil : Plot.Key(symbol: .line("line \(one.name)"), text: "fitted, 90 % band"),
      ].compactMap { $0 }
    }
  }

  private static func draw(_ step: LoadStep, of one: Series, in plot: inout Plot) {
    if let interval = step.latencyP99Interval {
      plot.interval(
        step.offeredRate, interval.lower, interval.upper, class: "whisker \(one.name)")
    }
    plot.mark(
      one.mark.smaller(4), step.offeredRate, step.latencies.p99, title: title(of: step, one.name))
  }

  private static func title(of step: LoadStep, _ name: String) -> String {
    "\(name): \(Figure.text(step.offeredRate)) req/s offered, "
      + "\(Figure.text(step.achievedRate)) answered, p99 \(Figure.text(step.latencies.p99)) ms"
      + (step.holds ? "" : ", bounds broken")
  }
}
