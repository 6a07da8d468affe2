import Foundation
import Glibc
import Testing

/// `tune` with real processes: what fails, what is interrupted, and what is left behind.
@Suite(.serialized) struct ProcessTests {
  @Test func `each way to fail is an infeasible trial with its reason, and the search goes on`()
    throws
  {
    let folder = try TemporaryFolder()
    let modes = ["exit", "never-ready", "hang", "crash", "errors", "garbage", "hog", "serve"]
    let service = StandIn(
      modes: modes, workers: [1], milliseconds: [4], trialsMax: modes.count, deadline: 3)
    let manifest = try service.write(to: folder)
    let result = try Morphling.run("tune", "-f", manifest, "--output", folder.path + "/out")
    #expect(result.status == 0, "\(result.errors)")
    let trials = try #require(
      try folder.json("out/report.json")["trials"] as? [[String: Any]])
    var reasons: [String: String] = [:]
    for trial in trials {
      let configuration = try #require(trial["configuration"] as? [String: Any])
      reasons[configuration["MODE"] as? String ?? ""] = trial["reason"] as? String ?? "measured"
    }
    let expected = [
      "exit": "exit status 3", "never-ready": "never became ready", "hang": "hung",
      "crash": "exit status 7", "errors": "answered wrongly", "garbage": "answered wrongly",
      "serve": "measured",
    ]
    for (mode, reason) in expected {
      #expect(reasons[mode]?.contains(reason) == true, "\(mode): \(reasons[mode] ?? "not tried")")
    }
    // Without control groups a failed allocation ends the server instead.
    #expect(
      ["out of memory", "exited"].contains { reasons["hog"]?.contains($0) == true },
      "hog: \(reasons["hog"] ?? "not tried")")
    // The baseline couldn't run: its last words are told.
    #expect(result.errors.contains("the model file is missing"))
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
    for _ in 0..<100 where !processes(mentioning: folder.path + "/stand-in.py").isEmpty {
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
