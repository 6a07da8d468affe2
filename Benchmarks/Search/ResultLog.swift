import Foundation
import Kubernetes

/// Finished searches in a file, one JSON object a line, so that an interrupted benchmark goes on
/// where it was.
final class ResultLog {
  private struct Key: Hashable {
    let problem: String
    let seed: Int
    let noise: Double
  }

  private let handle: FileHandle
  private var keys: Set<Key> = []

  init(path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    if !folder.isEmpty {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for line in text.split(separator: "\n") {
      guard let run = try? JSONReader.decode(Array(line.utf8)), let name = run["problem"]?.string,
        let seed = run["seed"]?.integer, let noise = run["noise"]?.scalarText.flatMap(Double.init)
      else { continue }
      keys.insert(Key(problem: name, seed: seed, noise: noise))
    }
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw BenchmarkError(text: "\(path): can't be written")
    }
    self.handle = handle
    try handle.seekToEnd()
  }

  func contains(_ problem: String, seed: UInt64, noise: Double) -> Bool {
    keys.contains(Key(problem: problem, seed: Int(seed), noise: noise))
  }

  func append(_ run: JSONValue) throws {
    try handle.write(contentsOf: Data((JSONText.encode(run) + "\n").utf8))
  }
}
