import Controllers
import CustomResources
import Kubernetes
import Testing

/// Ways in which trials fail on a real node: each is recognised, and has its consequence.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.skipping))
struct FailureTests {
  /// Beside those that `NodeTests` has: killed for its memory, and no room on any node.
  enum Failure: String, CaseIterable, CustomTestStringConvertible {
    case noSuchImage, exits, neverReady, testCannotStart

    var testDescription: String { rawValue }

    /// What the container does.
    var script: String {
      switch self {
      case .noSuchImage, .testCannotStart: "exec httpd -f -p 8080 -h /"
      case .exits: "echo no such model; exit 3"
      case .neverReady: "exec sleep 600"
      }
    }

    var image: String { self == .noSuchImage ? "localhost/no-such-image:1" : TestImages.server }

    /// The experiment's phase in the end, the trial's attempts, and what is said.
    var end: (phase: String, attempts: Int, reason: String?, words: String) {
      switch self {
      case .noSuchImage: ("Failed", 0, nil, "the image of container predictor can't be had")
      case .exits: ("Infeasible", 0, "exited", "exit status 3")
      case .neverReady: ("Infeasible", 0, "never became ready", "readiness probe")
      case .testCannotStart: ("Failed", 1, nil, "the stress test")
      }
    }
  }

  @Test(arguments: Failure.allCases)
  func `it is recognised, classed and acted on`(failure: Failure) async throws {
    // An image without our program: its stress test can't start.
    try await TestNode.with(image: TestImages.server, attempts: "2") { node in
      try await node.create(Self.inference(failure))
      try await node.create(Self.experiment)
      let experiment = try await node.run()
      let trials = try await node.trials()
      let told =
        trials.map { JSONText.encode($0.status ?? .null) }.joined(separator: "\n")
        + (experiment.conditions["Degraded"]?.message ?? "")
      #expect(experiment.status?["phase"]?.string == failure.end.phase, "\(told)")
      #expect(trials.first?.status?["reason"]?.string == failure.end.reason, "\(told)")
      #expect(trials.first?.spec?["attempt"]?.integer ?? 0 == failure.end.attempts, "\(told)")
      #expect(told.contains(failure.end.words), "\(told)")
      if failure == .exits { #expect(told.contains("no such model"), "\(told)") }
      try await eventually("nothing is left of the trials", within: .seconds(300)) {
        try await node.leftovers().isEmpty
      }
    }
  }

  private static func inference(_ failure: Failure) -> String {
    """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: busy}
    spec:
      framework: Stand-in
      predictors:
        - name: main
          template:
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: predictor
                  image: \(failure.image)
                  imagePullPolicy: IfNotPresent
                  command: [sh, -c, "\(failure.script)"]
                  ports: [{containerPort: 8080}]
                  readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
                  resources:
                    limits: {cpu: 100m, memory: 32Mi}
    """
  }

  private static let experiment = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: busy}
    spec:
      targetRef: {kind: Inference, name: busy}
      objective: {type: maximize, objectiveMetricName: throughput_rps}
      constraints: [{metricName: p99, max: 250ms}]
      samplingLimit: 100%
      maxNumTrials: 1
      serviceProgressDeadline: 40s
      tunableParameters:
        - category: resource
          parameters:
            - {name: cpu, parameterType: discrete, feasibleSpace: {list: [100m, 200m]}}
      stressTest: {port: 8080, path: /, warmUp: 300ms, stepDuration: 1s, rateMax: 200}
    """
}
