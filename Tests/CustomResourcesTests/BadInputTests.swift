import CustomResources
import Testing

/// Every way of getting a manifest wrong, and the message that it gets.
@Suite struct BadInputTests {
  struct Case {
    let name: String
    let replaced: String
    let by: String
  }

  static let edits: [Case] = [
    Case(name: "a quantity with a wrong unit", replaced: #""2Gi"]"#, by: #""8GB"]"#),
    Case(
      name: "a wrong quantity in the container", replaced: "memory: 1Gi\n", by: "memory: 1 GiB\n"),
    Case(name: "a step of zero", replaced: #"max: "4", step: "1""#, by: #"max: "4", step: "0""#),
    Case(name: "a negative step", replaced: #"max: "4", step: "1""#, by: #"max: "4", step: "-1""#),
    Case(name: "no step", replaced: #"max: "2", step: 500m"#, by: #"max: "2""#),
    Case(name: "an inverted range", replaced: #"min: "1", max: "4""#, by: #"min: "4", max: "1""#),
    Case(
      name: "a fraction among whole numbers", replaced: #"min: "1", max"#, by: #"min: "1.5", max"#),
    Case(name: "a step too fine", replaced: "step: 500m", by: "step: 1u"),
    Case(name: "an empty list", replaced: "list: [1, 2, 4]", by: "list: []"),
    Case(name: "a level twice", replaced: "list: [1, 2, 4]", by: "list: [1, 2, 2]"),
    Case(
      name: "an amount twice, spelled otherwise", replaced: #""512Mi", "1024Mi""#,
      by: #""1Gi", "1024Mi""#),
    Case(name: "no values", replaced: "feasibleSpace: {list: [fast, safe]}", by: ""),
    Case(name: "a range for names", replaced: "{list: [fast, safe]}", by: "{min: 1, max: 2}"),
    Case(name: "a mapping for a list", replaced: "list: [fast, safe]", by: "list: {fast: safe}"),
    Case(name: "a list in a list", replaced: "[fast, safe]", by: "[[fast], safe]"),
    Case(name: "mixed units of GPU memory", replaced: "[4Gi, 8Gi, 16Gi]", by: "[4Gi, 8, 16Gi]"),
    Case(name: "a part of a unit", replaced: "[4Gi, 8Gi, 16Gi]", by: "[4Gi, 8704Mi]"),
    Case(name: "a batch size of zero", replaced: "list: [1, 8, 32]", by: "list: [0, 8]"),
    Case(name: "a batch size that is no number", replaced: "list: [1, 8, 32]", by: "list: [small]"),
    Case(name: "an unknown category", replaced: "category: env", by: "category: environ"),
    Case(name: "no category", replaced: "- category: env\n      parameters", by: "- parameters"),
    Case(
      name: "an unknown parameter type", replaced: "parameterType: categorical",
      by: "parameterType: enum"),
    Case(name: "an unknown scale", replaced: "scale: log", by: "scale: cubic"),
    Case(name: "a parameter twice", replaced: "name: MODE", by: "name: INSTANCES"),
    Case(
      name: "a parameter without a name", replaced: "- name: MODE\n          parameterType",
      by: "- parameterType"),
    Case(name: "an unknown field", replaced: "  maxNumTrials: 30", by: "  maxNumTrial: 30"),
    Case(
      name: "an unknown field of the Inference", replaced: "    modelVersion:",
      by: "    trafficPercentage: 1\n      modelVersion:"),
    Case(name: "no trials", replaced: "maxNumTrials: 30", by: "maxNumTrials: 0"),
    Case(name: "trials as a word", replaced: "maxNumTrials: 30", by: "maxNumTrials: many"),
    Case(name: "a share above one", replaced: "samplingLimit: 10%", by: "samplingLimit: 1.5"),
    Case(name: "a share of zero", replaced: "samplingLimit: 10%", by: "samplingLimit: 0"),
    Case(name: "no parallelism", replaced: "parallelism: 2", by: "parallelism: 0"),
    Case(name: "a deadline of zero", replaced: "Deadline: 90", by: "Deadline: 0"),
    Case(
      name: "an unknown Inference", replaced: "    name: embedder\n    predictor",
      by: "    name: embeder\n    predictor"),
    Case(name: "an unknown predictor", replaced: "predictor: main", by: "predictor: canary"),
    Case(name: "an unknown container", replaced: "container: predictor", by: "container: server"),
    Case(
      name: "a target of another kind", replaced: "kind: Inference\n    name",
      by: "kind: Deployment\n    name"),
    Case(name: "an unknown direction", replaced: "type: maximize", by: "type: maximise"),
    Case(
      name: "a metric that nobody reports", replaced: "throughput_rps / cost",
      by: "tokens_per_second"),
    Case(name: "a mistyped metric", replaced: "throughput_rps / cost", by: "troughput_rps"),
    Case(
      name: "one objective in a list",
      replaced: "objective:\n    type: maximize\n    objectiveMetricName: throughput_rps / cost",
      by: "objectives:\n    - {objectiveMetricName: throughput_rps}"),
    Case(
      name: "an objective twice",
      replaced: "objective:\n    type: maximize\n    objectiveMetricName: throughput_rps / cost",
      by: "objectives:\n    - {objectiveMetricName: cost}\n    - {objectiveMetricName: cost}"),
    Case(
      name: "an objective beside several", replaced: "  objective:\n",
      by: "  objectives:\n    - {objectiveMetricName: cost}\n    - {type: minimize}\n  objective:\n"
    ),
    Case(
      name: "a malformed expression", replaced: "throughput_rps / cost",
      by: "throughput_rps / (cost"),
    Case(
      name: "a bound on an unknown metric", replaced: "metricName: p99\n", by: "metricName: p999\n"),
    Case(name: "a bound in the wrong unit", replaced: "max: 100ms", by: "max: 100Mi"),
    Case(
      name: "two bounds on one metric", replaced: "metricName: memory\n      max: 2Gi",
      by: "metricName: latency_p99_ms\n      max: 1s"),
    Case(name: "no bound", replaced: "      max: 100ms\n", by: ""),
    Case(name: "a price of nothing", replaced: "- base: 0.1", by: "- pricePerHour: 1"),
    Case(name: "a price of something unknown", replaced: "resource: cpu\n", by: "resource: gpu\n"),
    Case(name: "a negative price", replaced: "pricePerHour: 0.04", by: "pricePerHour: -1"),
    Case(name: "one price for names", replaced: "resource: cpu\n", by: "parameter: MODE\n"),
    Case(
      name: "a price for some values only", replaced: "- base: 0.1",
      by: "- parameter: MODE\n      prices: {fast: 1}"),
    Case(name: "an unknown protocol", replaced: "protocol: http", by: "protocol: grpc"),
    Case(name: "an unknown port", replaced: "port: predictor-http-port", by: "port: http"),
    Case(name: "a port out of range", replaced: "port: predictor-http-port", by: "port: 70000"),
    Case(name: "a relative path", replaced: "path: /infer", by: "path: infer"),
    Case(name: "an unknown arrival model", replaced: "arrival: constant", by: "arrival: bursts"),
    Case(name: "a duration that is none", replaced: "warmUp: 1500ms", by: "warmUp: soon"),
    Case(name: "a rate of zero", replaced: "rateMin: 2", by: "rateMin: 0"),
    Case(
      name: "rates the wrong way round", replaced: "rateMin: 2", by: "rateMin: 2\n    rateMax: 1"),
    Case(name: "two bodies", replaced: "    expect: embedding", by: "    bodyFile: body.json"),
    Case(
      name: "an inference request without a body",
      replaced: """
        protocol: http
            port: predictor-http-port
            path: /infer
            headers:
              Content-Type: application/json
            body: '{"text": "hello"}'
        """, by: "protocol: oip"),
    Case(
      name: "a shell script with a flag", replaced: #"["./serve"]"#, by: #"["sh", "-c", "./serve"]"#
    ),
    Case(
      name: "an unknown version", replaced: "morphling.kubedl.io/v1alpha1",
      by: "morphling.kubedl.io/v2"),
    Case(
      name: "an unknown kind", replaced: "kind: ProfilingExperiment", by: "kind: ProfileExperiment"),
    Case(name: "no kind", replaced: "kind: ProfilingExperiment\n", by: ""),
    Case(
      name: "no name", replaced: "metadata:\n  name: embedder\nspec:\n  targetRef",
      by: "spec:\n  targetRef"),
    Case(
      name: "a text for a mapping", replaced: "stressTest:\n",
      by: "stressTest: fast\n  x-ignored:\n"),
    Case(name: "a tab for indentation", replaced: "  maxNumTrials", by: "\tmaxNumTrials"),
    Case(name: "an open bracket", replaced: "[fast, safe]}", by: "[fast, safe}"),
    Case(name: "a key twice", replaced: "parallelism: 2", by: "parallelism: 2\n  parallelism: 3"),
    Case(name: "an unknown anchor", replaced: "[fast, safe]", by: "*modes"),
  ]

  static let whole: [(name: String, text: String)] = [
    ("an empty file", ""),
    ("a comment only", "# nothing\n"),
    ("a list", "- a\n- b\n"),
    ("other objects only", "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"),
    ("an experiment alone", Fixtures.experiment),
    ("an experiment twice", Fixtures.service + "---\n" + Fixtures.experiment),
    (
      "two experiments",
      Fixtures.service + "---\n"
        + Fixtures.experiment.replacing("\n  name: embedder\n", with: "\n  name: other\n")
    ),
    (
      "two Inferences and no experiment",
      Fixtures.inference + "---\n"
        + Fixtures.inference.replacing("name: embedder", with: "name: other")
    ),
    (
      "no parameters",
      Fixtures.inference + "---\napiVersion: morphling.kubedl.io/v1alpha1\n"
        + "kind: ProfilingExperiment\nmetadata: {name: x}\nspec: {}\n"
    ),
    (
      "several mistakes at once",
      Fixtures.service
        .replacing("step: 500m", with: "step: 0").replacing("predictor: main", with: "predictor: x")
        .replacing("type: maximize", with: "type: max").replacing(
          "port: predictor", with: "prot: x")
    ),
  ]

  @Test func `every mistake gets its message`() throws {
    var text = ""
    for edit in Self.edits {
      let edited = Fixtures.service.replacing(edit.replaced, with: edit.by)
      #expect(edited != Fixtures.service, "\(edit.name) changes nothing")
      text += report(edit.name, edited)
    }
    for (name, manifest) in Self.whole { text += report(name, manifest) }
    try expectGolden(text, "bad-inputs.txt")
  }

  private func report(_ name: String, _ manifest: String) -> String {
    let (definition, diagnostics) = Fixtures.decode(manifest)
    #expect(!diagnostics.problems.isEmpty, "\(name) goes unnoticed")
    #expect((definition == nil) == diagnostics.hasErrors, "\(name)")
    return "# \(name)\n\(diagnostics)\n\n"
  }

  @Test func `options of the command line get theirs`() throws {
    var text = ""
    for budget in ["0", "-3", "0.0", "1.5", "120%", "lots", "999999"] {
      text +=
        message {
          _ = Fixtures.decode(Fixtures.service, Overrides(budget: try Budget(budget))).diagnostics
        }
        ?? Fixtures.decode(Fixtures.service, Overrides(budget: try? Budget(budget))).diagnostics
        .description
      text += "\n"
    }
    for bound in ["p99", "=1", "p99=fast", "p99=-1ms", "p99=0", "error-rate=200%", "memory=8GB"] {
      text += (message { _ = try Overrides.Bound(bound) } ?? "accepted \(bound)") + "\n"
    }
    let bounds = [try Overrides.Bound("p98=1ms")]
    text +=
      Fixtures.decode(Fixtures.service, Overrides(bounds: bounds)).diagnostics.description + "\n"
    text += (message { _ = try Overrides.parallelism("none") } ?? "accepted") + "\n"
    text += (message { _ = try Overrides.objective("a +") } ?? "accepted") + "\n"
    let objective = try Overrides.objective("minimize carbon")
    text +=
      Fixtures.decode(Fixtures.service, Overrides(objective: objective)).diagnostics.description
    try expectGolden(text + "\n", "bad-options.txt")
  }

  private func message(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
