import Foundation
import Testing

/// What scripts rely on: exit statuses, streams and messages.
@Suite struct CommandLineTests {
  @Test func `the version is one line`() throws {
    let result = try Morphling.run("--version")
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("morphling 0."))
    #expect(result.output.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    ["--help"], ["tune", "--help"], ["report", "--help"], ["verify", "--help"],
    ["stress", "--help"],
  ])
  func `help has examples`(arguments: [String]) throws {
    let result = try Morphling.started(arguments).finished()
    #expect(result.status == 0)
    #expect(result.output.contains("Example"))
    #expect(result.output.contains("morphling "))
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are there for each shell`(shell: String) throws {
    let result = try Morphling.run("--generate-completion-script", shell)
    #expect(result.status == 0)
    #expect(result.output.contains("resume"))
  }

  @Test(
    arguments: [
      (["tune"], "no service"),
      (["tune", "-f", "no-such.yaml"], "no-such.yaml: no such file"),
      (["tune", "-f", "/"], "not a readable file"),
      (["tune", "--sloo"], "Unknown option '--sloo'"),
      (["tune", "--runner", "magic", "-f", "x"], "magic"),
      (["tune", "--runner", "replay"], "no table"),
      (["tune", "--resume", "/tmp", "--seed", "1"], "--resume: other options are given"),
      (["tune", "--resume", "/nowhere"], "/nowhere: no run in it"),
      (["report", "/nowhere"], "/nowhere: no run in it"),
      (["report"], "no directory"),
      (["verify", "/nowhere", "--repeats", "0"], "--repeats: 0"),
      (["conquer"], "conquer"),
    ])
  func `a wrong command line ends with 2 and says what is wrong`(
    arguments: [String], message: String
  ) throws {
    let result = try Morphling.started(arguments).finished()
    #expect(result.status == 2)
    #expect(result.errors.contains(message), "\(result.errors)")
    #expect(result.output.isEmpty)
  }

  @Test func `all problems of a manifest are told at once, and nothing is written`() throws {
    let folder = try TemporaryFolder()
    let manifest = try folder.write(
      """
      apiVersion: serving.kubedl.io/v1alpha1
      kind: Inference
      metadata: {name: broken}
      spec:
        framework: Triton
        predictors:
        - name: main
          template:
            spec:
              containers:
              - {name: predictor, command: [sleep, "1"], resources: {limits: {memory: 1Gi}}}
      ---
      apiVersion: morphling.kubedl.io/v1alpha1
      kind: ProfilingExperiment
      metadata: {name: broken}
      spec:
        targetRef: {kind: Inference, name: broken, predictor: other}
        objective: {type: maximize, objectiveMetricName: happiness}
        maxNumTrials: 0
        tunableParameters:
        - category: resource
          parameters:
          - {name: memory, parameterType: discrete, feasibleSpace: {list: [8GB, 1Gi, 1024Mi]}}
        - category: env
          parameters:
          - {name: A, parameterType: int, feasibleSpace: {min: "5", max: "1", step: "0"}}
          - {name: B, parameterType: magic, feasibleSpace: {list: ["1"]}}
      """, to: "broken.yaml")
    let output = folder.path + "/out"
    let result = try Morphling.run("tune", "-f", manifest, "--output", output)
    #expect(result.status == 2)
    for expected in ["8GB", "other", "happiness", "maxNumTrials", "magic"] {
      #expect(result.errors.contains(expected), "\(expected) in:\n\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: output))
  }

  @Test func `YAML that doesn't parse is placed by line and column`() throws {
    let folder = try TemporaryFolder()
    let manifest = try folder.write("kind: Inference\nspec: [1, 2\n", to: "torn.yaml")
    let result = try Morphling.run("tune", "-f", manifest)
    #expect(result.status == 2)
    #expect(result.errors.contains("torn.yaml:"))
  }
}
