import Controllers
import CustomResources
import Foundation
import Kubernetes
import Testing
import Tuning

/// The ask-tell filter under hostile lines. `FUZZ_LINES` says how many; `make fuzz` takes a million.
@Suite struct OptimizerFuzzTests {
  private static let space = #"""
    {"init": {"name": "t", "knobs": [{"name": "batch", "kind": "ordinal", "scale": "log", "values": [1, 2, 4, 8]}, {"name": "share", "kind": "ordinal", "scale": "linear", "values": [0.25, 0.5, 1]}, {"name": "gpu", "kind": "categorical", "values": ["T4", "V100"]}], "full_product": true, "grid_points": 24, "objective": "throughput_rps / share", "maximize": true, "constraint": {"metric": "latency_p99_ms", "max": 50}, "metrics": ["throughput_rps", "latency_p99_ms"], "noise": {"default": 0.03}, "seed": 7, "budget": 12}}
    """#
  private static let valid = [
    space, #"{"ask": 1}"#, #"{"recommend": true}"#,
    #"{"tell": [{"knobs": {"batch": 1, "share": 0.5, "gpu": "T4"}, "metrics": {}, "feasible": false, "oom": true}]}"#,
    #"{"tell": [{"knobs": {"batch": 2, "share": 0.25, "gpu": "V100"}, "metrics": {"throughput_rps": 100.5, "latency_p99_ms": 12}, "feasible": true, "oom": false, "objective": null}]}"#,
  ]

  private static var count: Int {
    ProcessInfo.processInfo.environment["FUZZ_LINES"].flatMap { Int($0) } ?? 10_000
  }

  /// A second session is told only what the first didn't refuse, and has to answer the same: so
  /// whatever was refused has left no trace.
  @Test func `no hostile line ends it, and what is refused leaves no trace`() {
    var lines = HostileLines(seed: 20, from: Self.valid)
    var (sent, refused) = (0, 0)
    while sent < Self.count {
      var (attacked, spared) = (Self.session(), Self.session())
      var accepted = 0
      while sent < Self.count, accepted < 24 {
        let line = lines.next()
        sent += 1
        let reply = attacked.reply(to: line)
        if reply["error"] != nil {
          refused += 1
          #expect(reply.object?.count == 1 && reply["error"]?.string?.isEmpty == false)
        } else {
          accepted += 1
          let isSame = spared.reply(to: line) == reply
          #expect(isSame, "after \(sent) lines: \(String(decoding: line, as: UTF8.self))")
        }
        // What is written is one line, and JSON again.
        let text = JSONText.encode(reply)
        #expect(!text.contains("\n") && (try? JSONReader.decode(text)) != nil)
      }
      for line in [#"{"recommend": true}"#, #"{"ask": 2}"#] {
        let isSame = attacked.reply(to: line.utf8) == spared.reply(to: line.utf8)
        #expect(isSame, "after \(sent) lines")
      }
    }
    #expect(refused > sent / 2)
    if sent > 10_000 { print("\(sent) lines, \(refused) of them refused") }
  }

  @Test(arguments: ["0", "5e-324", "1e15", "1e200", "1e308"])
  func `a hint of any noise is worked with`(noise: String) {
    var session = Self.session()
    let space = Self.space.replacing("0.03", with: noise)
    #expect(session.reply(to: space.utf8)["ok"] == true)
    for tell in Self.valid.suffix(2) {
      #expect(session.reply(to: tell.utf8)["ok"] == true)
      #expect(session.reply(to: #"{"recommend": true}"#.utf8)["reason"] != nil)
      #expect(session.reply(to: #"{"ask": 1}"#.utf8)["configs"]?.array?.count == 1)
    }
  }

  private static func session() -> OptimizerSession {
    var session = OptimizerSession(
      version: "1",
      files: AskTellFiles { path throws(AskTellError) in
        throw AskTellError(path, found: "no file", needed: "a file is needed")
      })
    #expect(session.reply(to: space.utf8)["ok"] == true)
    return session
  }

  @Test(
    arguments: [
      [1e308, 1e-308, .leastNonzeroMagnitude, 1e300, 1], [0, 0, 0, 0, 0],
      [-1e308, 1e308, -1, 1, 0],
      [1, 1, 1, 1, 1], [1e-6, 1e6, 1, 1e3, 1e-3], [1e12, 1, 1, 1, 1],
    ])
  func `measurements of any size are worked with`(rates: [Double]) {
    var session = Self.session()
    for (index, rate) in rates.enumerated() {
      let card = index < 4 ? "T4" : "V100"
      let knobs = #"{"batch": \#(1 << (index % 4)), "share": 0.5, "gpu": "\#(card)"}"#
      let told = session.reply(
        to:
          #"{"tell": [{"knobs": \#(knobs), "metrics": {"throughput_rps": \#(rate), "latency_p99_ms": 5}}]}"#
          .utf8)
      #expect(told["ok"] == true)
      #expect(session.reply(to: #"{"ask": 1}"#.utf8)["configs"]?.array?.count == 1)
      #expect(session.reply(to: #"{"recommend": true}"#.utf8)["reason"] != nil)
    }
  }
}
