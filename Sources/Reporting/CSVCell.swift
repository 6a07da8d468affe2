/// Cells and lines of comma-separated values (RFC 4180, lines ending in a line feed).
enum CSVCell {
  /// A number in full; nothing where it isn't known.
  static func number(_ value: Double?) -> String {
    let json = JSON(value)
    return json == .null ? "" : json.line
  }

  static func line(_ cells: [String]) -> String {
    cells.map(quoted).joined(separator: ",") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    let special = text.unicodeScalars.contains {
      $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r"
    }
    return special ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
