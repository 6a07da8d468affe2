/// A report as a short comment on a pull request.
package struct MarkdownReport {
  private let report: Report

  package init(_ report: Report) { self.report = report }

  package var text: String {
    let narrative = Narrative(report: report)
    var parts = ["### \(escaped(report.experiment.name)): \(escaped(narrative.headline))"]
    if let gain = narrative.gain ?? narrative.gainMissing { parts.append(escaped(gain).asSentence) }
    if let comparison = Comparison(report) { parts.append(table(comparison)) }
    if let front = report.front, !front.members.isEmpty { parts.append(table(front)) }
    if report.recommendation == nil, let reason = report.reason { parts.append(escaped(reason)) }
    parts.append(bullets(narrative))
    if let patch = report.patches.kustomize {
      parts.append(Self.details("The patch, as a kustomization", code: patch))
    }
    let version = "\(report.tool.name) \(report.tool.version), seed \(report.experiment.seed)"
    parts.append("<sub>\(escaped(version))</sub>")
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func table(_ comparison: Comparison) -> String {
    var lines = ["| | baseline | \(comparison.heading) |", "| --- | ---: | ---: |"]
    for row in comparison.parameters {
      let after = escaped(row.recommended)
      lines.append(
        "| \(escaped(row.label)) | \(escaped(row.baseline)) | "
          + "\(row.isChanged ? "**\(after)**" : after) |")
    }
    for row in comparison.results {
      let unit = row.unit.isEmpty ? "" : " (\(row.unit))"
      let range = row.interval.map { " (\($0))" } ?? ""
      lines.append(
        "| \(escaped(row.label))\(unit) | \(row.baseline) | \(row.recommended)\(range) |")
    }
    return lines.joined(separator: "\n")
  }

  private func table(_ front: Report.Front) -> String {
    let lines =
      [front.headings, ["---", "---"] + front.objectives.map { _ in "---:" }]
      + front.rows(report.space)
    return lines.enumerated().map { number, cells in
      "| " + cells.map { number == 1 ? $0 : escaped($0) }.joined(separator: " | ") + " |"
    }.joined(separator: "\n")
  }

  private func bullets(_ narrative: Narrative) -> String {
    let goal = ([narrative.goal] + narrative.constraints).joined(separator: "; ")
    var lines = ["Goal: \(goal)."]
    if let evidence = narrative.evidence { lines.append(evidence) }
    if let certainty = narrative.certainty { lines.append(certainty) }
    lines.append(narrative.sampled.asSentence)
    lines.append(narrative.stop)
    lines += report.notes.map(\.asSentence)
    return lines.map { "- \(escaped($0))" }.joined(separator: "\n")
  }

  /// A block that opens on a click; the fence is longer than any in the code.
  private static func details(_ title: String, code: String) -> String {
    var fence = "```"
    while code.contains(fence) { fence += "`" }
    let end = code.hasSuffix("\n") ? "" : "\n"
    return
      "<details><summary>\(title)</summary>\n\n\(fence)yaml\n\(code)\(end)\(fence)\n\n</details>"
  }

  /// Text that Markdown and HTML leave as it is.
  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "|", "*", "_", "`", "[", "]", "\\", "#", "~", "@": result += "\\\(character)"
      case _ where character.isNewline: result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
