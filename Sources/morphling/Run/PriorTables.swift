import Foundation

/// The tables of earlier services in a directory: `profile.csv` of a run's own directory; else every
/// CSV file in it, and `profile.csv` of every run's directory in it.
enum PriorTables {
  /// In the order of their names. Nil where there is no such directory.
  static func read(_ directory: String) -> [(name: String, csv: String)]? {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      return nil
    }
    let own = entries.filter { $0 == profileName }
    let runs = entries.map { "\($0)/\(profileName)" }
    let tables = own.isEmpty ? entries.filter { $0.hasSuffix(".csv") } + runs : own
    return tables.sorted().compactMap { file in
      let path = "\(directory)/\(file)"
      return (try? String(contentsOfFile: path, encoding: .utf8)).map {
        (name: path, csv: $0)
      }
    }
  }

  private static let profileName = "profile.csv"
}
