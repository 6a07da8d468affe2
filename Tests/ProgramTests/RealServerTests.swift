import Foundation
import Testing

/// A real server (mosec) with a real model (Silero's voice activity detector), where it is
/// installed: `make test` sees to that.
@Suite struct RealServerTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
  static let isInstalled = FileManager.default.fileExists(
    atPath: root + "/.services/mosec-vad/silero_vad.onnx")

  @Test(
    .enabled(
      if: isInstalled, "mosec isn't installed: deploy/examples/mosec-vad/install has not run"))
  func `a real model server is tuned end to end`() throws {
    let folder = try TemporaryFolder()
    let result = try Morphling.run(
      "tune", "-f", Self.root + "/deploy/examples/mosec-vad/service.yaml", "--budget", "4",
      "--output", folder.path + "/out")
    #expect(result.status == 0, "\(result.errors)\(result.output)")
    let report = try folder.json("out/report.json")
    let trials = try #require(report["trials"] as? [[String: Any]])
    #expect(trials.count == 4)
    // On a busy machine one or the other may break its bound; not all do.
    let measured = trials.filter { $0["outcome"] as? String == "measured" }
      .compactMap { $0["measured"] as? [String: Any] }
    #expect(measured.count >= 2, "\(trials.map { $0["reason"] ?? "" })")
    for metrics in measured {
      #expect(try #require(metrics["throughput_rps"] as? Double) > 0)
      // One that can't come near the best is cut early, without latencies.
      if let latency = metrics["latency_p99_ms"] as? Double { #expect(latency < 60) }
      #expect(try #require(metrics["memory_gib"] as? Double) > 0.01)
    }
    let patch = try #require(report["patch"] as? [[String: Any]])
    #expect(patch.first?["op"] as? String == "test")
    #expect(FileManager.default.fileExists(atPath: folder.path + "/out/inference.yaml"))
    #expect(processes(mentioning: folder.path).isEmpty)
  }
}
