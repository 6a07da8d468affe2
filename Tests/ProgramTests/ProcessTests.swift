import Foundation
import Glibc
import Testing

/// `tune` with real processes: what fails, what is interrupted, and what is left behind.
@Suite(.serialized) struct ProcessTests {
  @Test(
    arguments: [
      ("exit", "exit status 3"), ("never-ready", "never became ready"), ("hang", "hung"),
      ("crash", "exit status 7"), ("errors", "answered wrongly"),
      ("garbage", "answered wrongly"),
      // Without control groups a failed allocation ends the server instead of the kernel.
      ("hog", "(out of memory|exited)"),
    ])
  func `a baseline that fails is infeasible with its reason, and the search goes on`(
    mode: String, reason: String
  ) throws {
    let folder = try TemporaryFolder()
    let service = StandIn(
      modes: [mode, "serve"], workers: [1], milliseconds: [4], trialsMax: 2, deadline: 3)
    let manifest = try service.write(to: folder)
    let result = try Morphling.run("tune", "-f", manifest, "--output", folder.path + "/out")
    #expect(result.status == 0, "\(result.errors)")
    let report = try folder.json("out/report.json")
    let trials = try #require(report["trials"] as? [[String: Any]])
    #expect(trials.map { $0["outcome"] as? String } == ["infeasible", "measured"])
    let found = try #require(trials.first?["reason"] as? String)
    #expect(found.range(of: reason, options: .regularExpression) != nil, "\(found)")
    #expect((report["baseline"] as? [String: Any])?["measured"] is NSNull)
    if mode == "exit" { #expect(result.errors.contains("the model file is missing")) }
    #expect(processes(mentioning: folder.path).isEmpty)
  }

  @Test func `killed at once, it leaves nothing running, and resumes with all it had`() throws {
    let folder = try TemporaryFolder()
    let manifest = try StandIn().write(to: folder)
    let output = folder.path + "/out"
    let running = try Morphling.started(["tune", "-f", manifest, "--output", output])
    try running.wait(until: "the third trial is under load") { running in
      folder.lines("out/journal.jsonl").count(where: { $0.contains("\"finished\"") }) >= 2
        && !processes(mentioning: folder.path + "/stand-in.py").isEmpty
    }
    let before = folder.lines("out/journal.jsonl")
    running.send(SIGKILL)
    _ = try running.finished()
    for _ in 0..<600 where !processes(mentioning: folder.path + "/stand-in.py").isEmpty {
      Thread.sleep(forTimeInterval: 0.1)
    }
    #expect(processes(mentioning: folder.path).isEmpty)

    let resumed = try Morphling.run("tune", "--resume", output)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(Array(folder.lines("out/journal.jsonl").prefix(before.count)) == before)
    let trials = try #require(
      try folder.json("out/report.json")["trials"] as? [[String: Any]])
    #expect(trials.compactMap { $0["ordinal"] as? Int } == Array(0..<trials.count))
    #expect(trials.count >= 4)
    #expect(processes(mentioning: folder.path).isEmpty)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal stops it cleanly with status 4`(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let manifest = try StandIn().write(to: folder)
    let output = folder.path + "/out"
    let running = try Morphling.started(["tune", "-f", manifest, "--output", output])
    try running.wait(until: "a server runs") { _ in
      !processes(mentioning: folder.path + "/stand-in.py").isEmpty
    }
    running.send(signal)
    let result = try running.finished()
    #expect(result.status == 4, "\(result.errors)")
    #expect(result.errors.contains("--resume"))
    #expect(processes(mentioning: folder.path).isEmpty)
  }

  @Test func `a second tuner on the same directory is refused`() throws {
    let folder = try TemporaryFolder()
    let manifest = try StandIn().write(to: folder)
    let output = folder.path + "/out"
    let running = try Morphling.started(["tune", "-f", manifest, "--output", output])
    try running.wait(until: "the run has begun") { _ in
      !folder.lines("out/journal.jsonl").isEmpty
    }
    let second = try Morphling.run("tune", "--resume", output)
    #expect(second.status == 2)
    #expect(second.errors.contains("held by process \(running.identifier)"), "\(second.errors)")
    running.send(SIGINT)
    #expect(try running.finished().status == 4)
  }

  @Test func `an Inference alone is tuned by an experiment that is printed`() throws {
    let folder = try TemporaryFolder()
    let manifest = try StandIn().write(to: folder)
    let documents = try String(contentsOfFile: manifest, encoding: .utf8)
      .components(separatedBy: "---")
    let alone = try folder.write(documents[0], to: "inference.yaml")
    let output = folder.path + "/out"
    let running = try Morphling.started(["tune", "-f", alone, "--output", output])
    try running.wait(until: "the run has begun") { _ in
      !folder.lines("out/journal.jsonl").isEmpty
    }
    running.send(SIGINT)
    let result = try running.finished()
    #expect(result.status == 4)
    #expect(result.errors.contains("kind: ProfilingExperiment"))
    #expect(!folder.lines("out/experiment.yaml").isEmpty)
  }

  @Test func `trials side by side don't meet`() throws {
    let folder = try TemporaryFolder()
    let manifest = try StandIn(trialsMax: 5).write(to: folder)
    let result = try Morphling.run(
      "tune", "-f", manifest, "--parallel", "2", "--output", folder.path + "/out")
    #expect(result.status == 0, "\(result.errors)")
    let trials = try #require(
      try folder.json("out/report.json")["trials"] as? [[String: Any]])
    #expect(trials.allSatisfy { $0["outcome"] as? String == "measured" })
    #expect(trials.count == 5)
  }
}
