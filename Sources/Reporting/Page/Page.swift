import Mustache

/// `report.html`: one page that needs nothing else, on a screen, a phone or paper.
package struct Page {
  private let report: Report

  package init(_ report: Report) { self.report = report }

  /// - Throws: when the page's own template doesn't parse, which a test rules out.
  package func html() throws -> String {
    try MustacheTemplate(string: PageTemplate.text).render(content)
  }

  private var narrative: Narrative { Narrative(report: report) }

  private var content: PageContent {
    let relax = report.nearestMiss?.toRelax ?? []
    return PageContent(
      title: "\(report.experiment.name) – \(report.tool.name)",
      kicker: report.experiment.name,
      headline: headline,
      isRecommended: report.recommendation != nil,
      spec: spec,
      lead: lead,
      gainFigure: report.recommendsBaseline
        ? nil : report.gain.map { narrative.times($0.expected) },
      gainRange: gainRange,
      certainty: narrative.certainty,
      tiles: tiles,
      reason: report.recommendation?.reason.asSentence ?? (relax.isEmpty ? report.reason : nil),
      toRelax: relax.isEmpty ? nil : relax.map(\.asSentence),
      comparing: comparing,
      share: share,
      stop: stop,
      charts: charts,
      smallCharts: smallCharts,
      trialList: TrialListing(report: report).list,
      notes: report.notes.isEmpty ? nil : report.notes.map(\.asSentence),
      patches: patches.isEmpty ? nil : patches,
      facts: facts,
      style: PageStyle.text,
      script: PageScript.text)
  }

  private var headline: String {
    guard report.recommendation != nil else { return narrative.headline }
    return report.recommendsBaseline ? "Keep what is there" : "Run this"
  }

  private var spec: [PageContent.Fact]? {
    guard let config = report.recommendation?.config else { return nil }
    return report.space.parameters.compactMap { knob in
      config[knob.name].map { PageContent.Fact(label: knob.name, text: $0) }
    }
  }

  private var lead: String? {
    let parts = [(narrative.gain ?? narrative.gainMissing)?.asSentence, narrative.price]
    let sentences = parts.compactMap { $0 }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  private var gainRange: String? {
    guard let gain = report.gain, let lower = gain.lower, let upper = gain.upper,
      !report.recommendsBaseline
    else { return nil }
    return "\(narrative.times(lower)) to \(narrative.times(upper))"
  }

  /// The few numbers that a reader looks for first.
  private var tiles: [PageContent.Fact] {
    guard let comparison = Comparison(report), comparison.isRecommended else { return [] }
    let wanted = ["throughput", "p99 latency", "cost"]
    return wanted.compactMap { name in
      comparison.results.first { $0.label == name && $0.recommended != "–" }
    }.map { row in
      let unit = row.unit.isEmpty ? "" : " " + row.unit
      return PageContent.Fact(label: row.label, text: row.recommended + unit)
    }
  }

  private var comparing: PageContent.Comparing? {
    Comparison(report).map { comparison in
      PageContent.Comparing(
        heading: comparison.heading,
        parameters: comparison.parameters.map(PageContent.Row.init),
        results: comparison.results.map(PageContent.Row.init),
        hasIntervals: comparison.results.contains { $0.interval != nil })
    }
  }

  private var share: PageContent.Share {
    let sampling = report.sampling
    let total = Double(max(sampling.total, 1))
    let width = { (part: Int) in JSON(Double(part) / total * 100).line + "%" }
    return PageContent.Share(
      visited: sampling.visited, pruned: sampling.pruned,
      left: max(0, sampling.total - sampling.visited - sampling.pruned), total: sampling.total,
      visitedWidth: width(sampling.visited), prunedWidth: width(sampling.pruned),
      sentence: narrative.sampled.asSentence)
  }

  private var stop: String {
    guard let seconds = report.experiment.seconds else { return narrative.stop }
    return "\(narrative.stop) It took \(Figure.duration(seconds: seconds))."
  }

  private var charts: [PageContent.Card] {
    let load = LoadCharts(report)
    let search = SearchCharts(report)
    let cards: [(String, String, String?, [String])] = [
      (
        "Latency under load",
        "The upright lines are the greatest rates that held the bound.", load.latency,
        load.captions
      ),
      (
        "Throughput under load", "Where a curve leaves the diagonal, requests pile up.",
        load.throughput, []
      ),
      (
        "The search", "Each trial's objective in order, and what failed below.", search.progress, []
      ),
      (
        "What better could be hidden",
        "The bound on any other configuration's gain, with 90 % credibility.", search.regret, []
      ),
      (
        "What money buys", "No trial gives more for less than those on the line.",
        TradeOffChart(report).svg, []
      ),
    ]
    let fronts = FrontChart(report).svgs.enumerated().map { number, svg in
      (
        "What there is to choose from", "None of these beats another in every objective.",
        Optional(svg), number == 0 ? frontCaptions : []
      )
    }
    return (fronts + cards).compactMap { title, explanation, svg, captions in
      svg.map {
        PageContent.Card(title: title, explanation: explanation, svg: $0, captions: captions)
      }
    }
  }

  private var frontCaptions: [String] {
    guard let front = report.front else { return [] }
    return front.rows(report.space).map { row in
      let values = zip(front.objectives, row.dropFirst(2)).map { "\($0.expression) \($1)" }
      return "\(row[0]): \(row[1]): " + values.joined(separator: ", ")
    }
  }

  private var smallCharts: PageContent.SmallCharts? {
    let charts = LevelCharts(report).charts
    guard !charts.isEmpty else { return nil }
    return PageContent.SmallCharts(
      objective: report.objective.expression,
      charts: charts.map { PageContent.Small(parameter: $0.parameter, svg: $0.svg) })
  }

  private var patches: [PageContent.Code] {
    var codes: [PageContent.Code] = []
    if let kustomize = report.patches.kustomize {
      codes.append(
        PageContent.Code(
          title: "Kustomization",
          explanation: "Save as kustomization.yaml beside the Inference; kubectl apply -k .",
          text: kustomize, isOpen: true))
    }
    if let inference = report.patches.inference {
      codes.append(
        PageContent.Code(
          title: "Patched Inference",
          explanation: "Save as inference.yaml; kubectl apply -f inference.yaml",
          text: inference, isOpen: codes.isEmpty))
    }
    if let patch = report.patch {
      codes.append(
        PageContent.Code(
          title: "JSON Patch",
          explanation: "Save as patch.json; "
            + "kubectl patch inference NAME --type=json --patch-file=patch.json",
          text: patch.text, isOpen: codes.isEmpty))
    }
    return codes
  }

  private var facts: [PageContent.Fact] {
    let bounds = narrative.constraints
    let facts: [(String, String?)] = [
      ("Goal", narrative.goal),
      ("Subject to", bounds.isEmpty ? nil : bounds.joined(separator: ", ")),
      ("Started", report.experiment.startedAt),
      ("Took", report.experiment.seconds.map(Figure.duration)),
      ("Seed", String(report.experiment.seed)),
      ("Machine", report.environment.machine),
      ("Command", report.environment.command),
      ("Made by", "\(report.tool.name) \(report.tool.version)"),
    ]
    return facts.compactMap { label, text in
      text.map { PageContent.Fact(label: label, text: $0) }
    }
  }
}

extension PageContent.Row {
  fileprivate init(_ row: Comparison.Row) {
    self.init(
      parts: PageContent.parts(of: row.label), unit: row.unit.isEmpty ? nil : row.unit,
      baseline: row.baseline,
      recommended: row.recommended,
      interval: row.interval, isChanged: row.isChanged)
  }
}
