/// A recorded table as the command line names it: `TABLE.csv`, or `TABLE.csv#service` where the
/// table records several services.
package struct ProfileReference: Hashable, Sendable {
  package let csvPath: String
  package let service: String?

  package init(_ text: String) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    self.csvPath = String(parts.first ?? "")
    self.service = parts.count == 2 ? String(parts[1]) : nil
  }

  /// The JSON file beside the table that names its knobs.
  package var sidecarPath: String {
    (csvPath.hasSuffix(".csv") ? String(csvPath.dropLast(4)) : csvPath) + ".json"
  }
}
