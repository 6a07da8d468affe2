import Foundation

/// A service whose server is the stand-in, as a manifest.
struct StandIn {
  /// Values of the variable MODE that are tuned; none when it isn't.
  var modes: [String] = []
  var workers = [1, 2, 3, 4]
  var milliseconds = [4, 8, 12]
  var trialsMax = 6
  var latencyMax = "60ms"
  var deadline = 20

  /// In a folder, since a relative command is looked for beside the manifest. The folder's name in
  /// its command line tells this server's processes from others.
  func write(to folder: TemporaryFolder) throws -> String {
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "stand-in.py")
    let copy = folder.path + "/stand-in.py"
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: script.path, toPath: copy)
    return try folder.write(manifest(script: copy), to: "service.yaml")
  }

  private func manifest(script: String) -> String {
    let mode =
      modes.isEmpty
      ? ""
      : """

          - {name: MODE, parameterType: categorical, feasibleSpace: {list: \(modes)}}
      """
    return """
      apiVersion: serving.kubedl.io/v1alpha1
      kind: Inference
      metadata: {name: stand-in}
      spec:
        framework: Other
        predictors:
        - name: main
          template:
            spec:
              containers:
              - name: predictor
                command: [python3, \(script)]
                env:
                - {name: HTTP_PORT, value: "8080"}
                - {name: WORKERS, value: "\(workers[0])"}
                - {name: SERVICE_MILLISECONDS, value: "\(milliseconds[0])"}
                - {name: MODE, value: "\(modes.first ?? "serve")"}
                ports:
                - {name: http-port, containerPort: 8080}
                readinessProbe:
                  httpGet: {path: /ready, port: http-port}
                resources:
                  limits: {cpu: "1", memory: 64Mi}
      ---
      apiVersion: morphling.kubedl.io/v1alpha1
      kind: ProfilingExperiment
      metadata: {name: stand-in}
      spec:
        targetRef: {kind: Inference, name: stand-in, predictor: main, container: predictor}
        objective: {type: maximize, objectiveMetricName: throughput_rps}
        constraints:
        - {metricName: latency_p99_ms, max: \(latencyMax)}
        samplingLimit: 1
        maxNumTrials: \(trialsMax)
        serviceProgressDeadline: \(deadline)
        tunableParameters:
        - category: env
          parameters:
          - {name: WORKERS, parameterType: discrete, feasibleSpace: {list: \(workers)}}
          - {name: SERVICE_MILLISECONDS, parameterType: discrete, feasibleSpace: {list: \(milliseconds)}}\(mode)
        stressTest:
          port: http-port
          path: /answer
          expect: '"answer": 42'
          warmUp: 100ms
          stepDuration: 400ms
          timeout: 1s
          rateMin: 5
          rateMax: 60

      """
  }
}
