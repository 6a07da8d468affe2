import Controllers
import CustomResources
import Kubernetes
import Testing
import Tuning

@Suite struct OptimizerSessionTests {
  private static let space = #"""
    {"init": {"name": "t", "knobs": [
      {"name": "batch", "kind": "ordinal", "scale": "log", "values": [1, 2, 4, 8]},
      {"name": "share", "kind": "ordinal", "scale": "linear", "values": [0.25, 0.5, 1]},
      {"name": "gpu", "kind": "categorical", "values": ["T4", "V100"]}],
      "full_product": true, "grid_points": 24, "objective": "throughput_rps / share",
      "maximize": true, "constraint": {"metric": "latency_p99_ms", "max": 50},
      "metrics": ["throughput_rps", "latency_p99_ms"], "noise": {"default": 0.03},
      "seed": 7, "budget": 12}}
    """#

  private static func session(
    files: [String: String] = [:], tables: [(name: String, csv: String)]? = nil
  ) -> OptimizerSession {
    OptimizerSession(
      version: "1.2.3",
      files: AskTellFiles(
        read: { path throws(AskTellError) in
          guard let text = files[path] else {
            throw AskTellError(path, found: "no file", needed: "a file is needed")
          }
          return text
        },
        tables: { directory throws(AskTellError) in
          guard let tables else {
            throw AskTellError(
              "init.prior", found: "no \(directory)", needed: "a directory is needed")
          }
          return tables
        }))
  }

  private static func started() -> OptimizerSession {
    var session = session()
    #expect(session.reply(to: oneLine(space))["ok"] == true)
    return session
  }

  private static func oneLine(_ text: String) -> String.UTF8View {
    text.split(separator: "\n").joined(separator: " ").utf8
  }

  /// A measurement by formula, as a driver would report it.
  private static func told(_ knobs: JSONValue) -> String {
    let batch = Double(knobs["batch"]?.scalarText ?? "") ?? 0
    let speed = knobs["gpu"]?.string == "V100" ? 2.0 : 1
    let knobs = JSONText.encode(knobs)
    if batch == 8, speed == 1 {
      return #"{"tell": [{"knobs": \#(knobs), "metrics": {}, "feasible": false, "oom": true}]}"#
    }
    let rate = 100 * speed * batch / (batch + 2)
    let latency = 10 + 8 * batch / speed
    return #"""
      {"tell": [{"knobs": \#(knobs), "metrics": {"throughput_rps": \#(rate), \#
      "latency_p99_ms": \#(latency)}, "feasible": \#(latency <= 50), "oom": false, \#
      "objective": null}]}
      """#
  }

  /// An earlier service, by a formula whose best configuration is in the middle.
  private static var table: String {
    var lines = ["batch,share,gpu,throughput_rps,latency_p99_ms,feasible"]
    for batch in [1, 2, 4, 8] {
      for share in [0.25, 0.5, 1] {
        for (gpu, speed) in [("T4", 1.0), ("V100", 4.0)] {
          let rate = 100 * speed * share * Double(batch) / (Double(batch) + 2)
          lines.append("\(batch),\(share),\(gpu),\(rate),\(10 + Double(batch) / speed),1")
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  @Test func `it begins where an earlier service was best`() throws {
    let space = Self.space.replacing(#""seed": 7"#, with: #""prior": "before", "seed": 7"#)
    var session = Self.session(tables: [("before/profile.csv", Self.table)])
    #expect(session.reply(to: Self.oneLine(space))["ok"] == true)
    for _ in 0..<2 {
      let next = try #require(session.reply(to: #"{"ask": 1}"#.utf8)["configs"]?.array?.first)
      #expect(session.reply(to: Self.oneLine(Self.told(next)))["ok"] == true)
      #expect(next["gpu"] == "V100" && next["batch"] == 8, "\(next)")
    }
  }

  @Test func `a prior that isn't there is an error, and a table of something else is none`() {
    let space = Self.space.replacing(#""seed": 7"#, with: #""prior": "before", "seed": 7"#)
    var session = Self.session()
    let answer = session.reply(to: Self.oneLine(space))
    #expect(answer["error"]?.string?.hasPrefix("init.prior") == true)
    var other = Self.session(tables: [("before/x.csv", "threads,rate\n1,2\n")])
    #expect(other.reply(to: Self.oneLine(space))["ok"] == true)
    #expect(other.reply(to: #"{"ask": 1}"#.utf8)["configs"]?.array?.count == 1)
  }

  @Test func `it introduces itself`() {
    var session = Self.session()
    #expect(
      JSONText.encode(session.reply(to: Self.oneLine(Self.space)))
        == #"{"ok":true,"name":"morphling","version":"1.2.3"}"#)
  }

  @Test func `values come back exactly as the space spells them, and none twice`() throws {
    var session = Self.started()
    var seen: Set<String> = []
    for _ in 0..<24 {
      let reply = session.reply(to: #"{"ask": 1}"#.utf8)
      let configs = try #require(reply["configs"]?.array)
      #expect(configs.count == 1)
      let text = JSONText.encode(configs[0])
      #expect(seen.insert(text).inserted)
      #expect(
        text.contains(#""share":0.25"#) || text.contains(#""share":0.5"#)
          || text.contains(#""share":1,"#))
      #expect(session.reply(to: Self.told(configs[0]).utf8)["ok"] == true)
    }
    #expect(session.reply(to: #"{"ask": 3}"#.utf8)["configs"]?.array == [])
  }

  @Test func `the same tells give the same asks`() throws {
    var (first, second) = (Self.started(), Self.started())
    for _ in 0..<8 {
      let (a, b) = (first.reply(to: #"{"ask": 1}"#.utf8), second.reply(to: #"{"ask": 1}"#.utf8))
      #expect(a == b)
      let knobs = try #require(a["configs"]?.array?.first)
      _ = first.reply(to: Self.told(knobs).utf8)
      _ = second.reply(to: Self.told(knobs).utf8)
    }
  }

  @Test func `the recommendation is feasible, with intervals around what is expected`() throws {
    var session = Self.started()
    for _ in 0..<12 {
      let reply = session.reply(to: #"{"ask": 1}"#.utf8)
      let knobs = try #require(reply["configs"]?.array?.first)
      _ = session.reply(to: Self.told(knobs).utf8)
    }
    let advice = session.reply(to: #"{"recommend": true}"#.utf8)
    let config = try #require(advice["config"])
    #expect(config["share"]?.scalarText == "0.25")
    #expect(config["gpu"]?.string == "V100")
    for metric in ["throughput_rps", "latency_p99_ms"] {
      guard case .number(let expected)? = advice["expected"]?[metric],
        case .number(let lower)? = advice["lower"]?[metric],
        case .number(let upper)? = advice["upper"]?[metric]
      else {
        Issue.record("\(metric) is missing: \(JSONText.encode(advice))")
        continue
      }
      #expect(lower <= expected && expected <= upper)
    }
  }

  @Test func `nothing feasible is said with its reason`() {
    var session = Self.started()
    #expect(session.reply(to: #"{"recommend": true}"#.utf8)["config"] == JSONValue.null)
    _ = session.reply(
      to:
        #"{"tell": [{"knobs": {"batch": 8, "share": 1, "gpu": "V100"}, "metrics": {"throughput_rps": 9, "latency_p99_ms": 80}}]}"#
        .utf8)
    let advice = session.reply(to: #"{"recommend": true}"#.utf8)
    #expect(advice["config"] == JSONValue.null)
    #expect(advice["reason"]?.string?.contains("latency_p99_ms ≤ 50") == true)
  }

  @Test func `a ragged grid is read from its file`() throws {
    let grid = "gpu,batch\nT4,1\nV100,8\n"
    var session = Self.session(files: ["grid.csv": grid])
    let space = #"""
      {"init": {"knobs": [{"name": "batch", "kind": "ordinal", "values": [1, 8]},
      {"name": "gpu", "kind": "categorical", "values": ["T4", "V100"]}], "full_product": false,
      "grid_csv": "grid.csv", "objective": "batch * r", "metrics": ["r"]}}
      """#
    #expect(session.reply(to: Self.oneLine(space))["ok"] == true)
    let configs = try #require(session.reply(to: #"{"ask": 9}"#.utf8)["configs"]?.array)
    #expect(
      Set(configs.map { JSONText.encode($0) }) == [
        #"{"batch":1,"gpu":"T4"}"#, #"{"batch":8,"gpu":"V100"}"#,
      ])
  }

  @Test(
    arguments: [
      ("", "line"), ("{}", "line"), ("[1]", "line"), (#"{"ask": 0}"#, "ask"),
      (#"{"ask": 1e9}"#, "ask"), (#"{"ask": 1, "tell": []}"#, "line"),
      (#"{"what": 1}"#, "unknown message"), (#"{"recommend": 1}"#, "recommend"),
      (#"{"tell": {}}"#, "tell"), (#"{"tell": [1]}"#, "tell[0].knobs"),
      (#"{"tell": [{"knobs": {"batch": 1, "share": 1, "gpu": "P5"}}]}"#, "tell[0].knobs.gpu"),
      (#"{"tell": [{"knobs": {"batch": 1, "share": 1}}]}"#, "tell[0].knobs.gpu"),
      (
        #"{"tell": [{"knobs": {"batch": 1, "share": 1, "gpu": "T4"}, "metrics": {}}]}"#,
        "tell[0].metrics.throughput_rps"
      ),
      (
        #"{"tell": [{"knobs": {"batch": 1, "share": 1, "gpu": "T4"}, "metrics": {"throughput_rps": "many"}}]}"#,
        "tell[0].metrics.throughput_rps"
      ),
      (#"{"init": {"knobs": []}}"#, "init"),
      (
        #"{"init": {"knobs": [{"name": "a", "kind": "ordinal", "values": [2, 1]}], "metrics": []}}"#,
        "rising order"
      ),
      (
        #"{"init": {"knobs": [{"name": "a", "kind": "ordinal", "values": [1]}], "metrics": ["m"], "objective": "b"}}"#,
        "init.objective"
      ),
      (
        #"{"init": {"knobs": [{"name": "a", "kind": "ordinal", "values": [1]}], "metrics": ["m"], "objective": "m", "full_product": false, "grid_csv": "/etc/passwd"}}"#,
        "no file"
      ),
    ])
  func `a line that can't be used says why and changes nothing`(line: String, reason: String) {
    var session = Self.started()
    let before = session.reply(to: #"{"recommend": true}"#.utf8)
    let reply = session.reply(to: line.utf8)
    #expect(reply["error"]?.string?.contains(reason) == true, "\(JSONText.encode(reply))")
    #expect(session.reply(to: #"{"recommend": true}"#.utf8) == before)
    #expect(session.reply(to: #"{"ask": 1}"#.utf8)["configs"]?.array?.count == 1)
  }

  @Test func `hostile bytes are answered one by one and leave the state as it was`() {
    var generator = SeededGenerator(seed: 11)
    var session = Self.started()
    let seeds = [
      Array(#"{"ask": 1}"#.utf8), Array(#"{"recommend": true}"#.utf8),
      Array(Self.oneLine(Self.space)),
      Array(#"{"tell": [{"knobs": {"batch": 1, "share": 0.5, "gpu": "T4"}, "oom": true}]}"#.utf8),
    ]
    for _ in 0..<20_000 {
      var line = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
      // At least one byte that no valid message has outside of a string.
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place = Int.random(in: 0..<line.count, using: &generator)
        line[place] = UInt8.random(in: 0...255, using: &generator)
      }
      line.insert(0x07, at: 0)
      #expect(session.reply(to: line)["error"] != nil)
    }
    #expect(session.reply(to: #"{"ask": 1}"#.utf8)["configs"]?.array?.count == 1)
  }
}
