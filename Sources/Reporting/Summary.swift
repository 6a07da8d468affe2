/// What a person reads in the terminal when a search has ended.
package struct Summary {
  private let report: Report
  private let files: [String]
  private let style: Style

  /// - Parameters:
  ///   - files: the files that were written, as the reader should see their paths.
  ///   - isColoured: whether the terminal understands ANSI colours.
  package init(_ report: Report, files: [String] = [], isColoured: Bool = false) {
    self.report = report
    self.files = files
    self.style = Style(isColoured: isColoured)
  }

  /// No line is longer than this.
  package static let width = 100

  package var text: String {
    let sections = [heading, comparison, front, findings, remedies, notes, written]
    return sections.filter { !$0.isEmpty }
      .map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private var narrative: Narrative { Narrative(report: report) }

  private var heading: [String] {
    let isAdvice = report.recommendation != nil
    var lines = wrapped(clean(narrative.headline)).map {
      isAdvice ? style.good(style.strong($0)) : style.bad(style.strong($0))
    }
    if let gain = narrative.gain {
      lines += wrapped(clean(gain)).map { narrative.isBetter ? style.good($0) : $0 }
    } else if let missing = narrative.gainMissing {
      lines += wrapped(clean(missing)).map(style.warning)
    }
    return lines
  }

  private var comparison: [String] {
    guard let comparison = Comparison(report) else { return [] }
    var table = TextTable([.left, .right, .right, .left, .left], cellWidthMax: 32)
    table.add(["", "baseline", comparison.heading])
    for row in comparison.parameters {
      table.add([
        clean(row.label), clean(row.baseline), clean(row.recommended), "",
        row.isChanged ? "changed" : "",
      ])
    }
    let count = comparison.parameters.count
    for row in comparison.results {
      table.add([
        clean(row.label), row.baseline, row.recommended, row.unit, row.interval ?? "",
      ])
    }
    var lines = table.lines.map { "  " + $0 }
    lines[0] = style.faint(lines[0])
    for (number, row) in comparison.parameters.enumerated() where row.isChanged {
      lines[number + 1] = style.strong(lines[number + 1])
    }
    lines.insert("", at: count + 1)
    let hasInterval = comparison.results.contains { $0.interval != nil }
    if hasInterval { lines.append("  " + style.faint("Ranges are 90 % intervals.")) }
    return lines
  }

  private var front: [String] {
    guard let front = report.front, !front.members.isEmpty else { return [] }
    var table = TextTable(
      [.left, .left] + front.objectives.map { _ in .right }, cellWidthMax: 40)
    table.add(front.headings.map(clean))
    for row in front.rows(report.space) { table.add(row.map(clean)) }
    var lines = table.lines.map { "  " + $0 }
    lines[0] = style.faint(lines[0])
    return [style.strong("None of these beats another in every objective")] + lines
  }

  private var findings: [String] {
    var rows: [(label: String, text: String)] = [("Goal", goal)]
    if let evidence = narrative.evidence, let advice = report.recommendation {
      rows.append(("Evidence", "\(evidence) \(advice.reason.asSentence)"))
    }
    if let certainty = narrative.certainty { rows.append(("Certainty", certainty)) }
    rows.append(("Sampled", narrative.sampled.asSentence))
    var stop = narrative.stop
    if let seconds = report.experiment.seconds {
      stop += " It took \(Figure.duration(seconds: seconds))."
    }
    rows.append(("End", stop))
    return rows.flatMap { labelled($0.label, $0.text) }
  }

  private var goal: String {
    let bounds = narrative.constraints
    return bounds.isEmpty
      ? narrative.goal : narrative.goal + ", subject to " + bounds.joined(separator: ", ")
  }

  /// What would have to be relaxed where nothing is feasible.
  private var remedies: [String] {
    guard report.recommendation == nil else { return [] }
    guard let miss = report.nearestMiss, !miss.toRelax.isEmpty else { return failures }
    var lines: [String] = []
    if let spec = miss.configuration {
      let trial = miss.trial.map { "Trial \($0)" } ?? "The nearest miss"
      lines += wrapped(clean("\(trial) came closest: \(report.space.line(spec))"))
    }
    lines.append("What would have to be relaxed:")
    return lines + miss.toRelax.flatMap { bullet($0) } + failures
  }

  /// Why trials failed, most frequent first.
  private var failures: [String] {
    let kinds = Dictionary(grouping: report.trials.compactMap(\.reasonKind)) { $0 }
      .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    guard !kinds.isEmpty else { return [] }
    let examples = kinds.flatMap { kind, all -> [String] in
      let example = report.trials.first { $0.reasonKind == kind }?.reason ?? ""
      return bullet("\(Figure.count(all.count, "trial")): \(example)")
    }
    return ["What became of the trials:"] + examples
  }

  private var notes: [String] {
    report.notes.isEmpty ? [] : [style.strong("Notes")] + report.notes.flatMap { bullet($0) }
  }

  private var written: [String] {
    files.isEmpty ? [] : [style.strong("Files")] + files.map { "  " + clean($0) }
  }

  // MARK: - Lines

  private func labelled(_ label: String, _ text: String) -> [String] {
    let indent = 11
    let lines = wrapped(clean(text), width: Self.width - indent)
    return lines.enumerated().map { number, line in
      let head = number == 0 ? label : ""
      return style.faint(head + String(repeating: " ", count: indent - head.count)) + line
    }
  }

  private func bullet(_ text: String) -> [String] {
    wrapped(clean(text.asSentence), width: Self.width - 4).enumerated()
      .map { ($0.offset == 0 ? "  - " : "    ") + $0.element }
  }

  /// Breaks at spaces; words longer than a line are broken where it ends.
  private func wrapped(_ text: String, width: Int = Summary.width) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      var word = String(word)
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      while word.count > width {
        lines.append(String(word.prefix(width)))
        word = String(word.dropFirst(width))
      }
      line += line.isEmpty ? word : " " + word
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// Without control characters, which could move a terminal's cursor or set its title.
  private func clean(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : scalar
        }))
  }
}

extension Summary {
  /// ANSI colours, or none.
  private struct Style {
    let isColoured: Bool

    func strong(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }
    func good(_ text: String) -> String { wrap(text, "32") }
    func bad(_ text: String) -> String { wrap(text, "31") }
    func warning(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
      isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
  }
}
