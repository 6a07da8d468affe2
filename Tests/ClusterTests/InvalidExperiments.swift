import CustomResources
import Kubernetes
import Testing

/// A valid experiment, and changes each of which makes it invalid.
enum InvalidExperiments {
  /// One change, and the field that the server must name.
  struct Change: Sendable, CustomTestStringConvertible {
    let pointer: String
    let value: String
    let field: String

    init(_ pointer: String, _ value: String, field: String? = nil) {
      self.pointer = pointer
      self.value = value
      let names = pointer.split(separator: "/").filter { Int($0) == nil && $0 != "-" }
      self.field = field ?? names.joined(separator: ".")
    }

    var testDescription: String { "\(pointer): \(value)" }

    /// `~` for a value removes what is there.
    func applied(to json: JSONValue) throws -> JSONValue {
      let pointer = try #require(JSONPointer(text: pointer))
      guard value != "~" else { return try JSONPatch([.remove(pointer)]).applied(to: json) }
      let new = try #require(Manifest(value, file: "value").documents.first).value
      // In a list, adding would insert.
      let isThere = json[pointer] != nil
      return try JSONPatch([isThere ? .replace(pointer, new) : .add(pointer, new)])
        .applied(to: json)
    }
  }

  private static let parameter = "/spec/tunableParameters/0/parameters/0"

  static let all = [
    Change("/spec/tunableParameters", "~"),
    Change("/spec/tunableParameters", "[]"),
    Change("/spec/tunableParameters", "{}"),
    Change("/spec/tunableParameters/0/category", "resources"),
    Change("/spec/tunableParameters/0/category", "~"),
    Change("/spec/tunableParameters/0/parameters", "[]"),
    Change(parameter + "/name", "~"),
    Change(parameter + "/name", "''"),
    Change(parameter + "/parameterType", "float"),
    Change(parameter + "/feasibleSpace", "~"),
    Change(parameter + "/feasibleSpace", "{}"),
    Change(parameter + "/feasibleSpace", "{list: []}"),
    Change(parameter + "/feasibleSpace", "{list: [[1]]}"),
    Change(
      parameter + "/feasibleSpace", "{min: '1', max: '2'}",
      field: "spec.tunableParameters.parameters.feasibleSpace.list"),
    Change(parameter + "/feasibleSpace", "{list: ['1'], min: lots}"),
    Change(parameter + "/scale", "cubic"),
    Change("/spec/targetRef", "~"),
    Change("/spec/targetRef/name", "~"),
    Change("/spec/targetRef/kind", "Deployment"),
    Change("/spec/objective/type", "maximise"),
    Change("/spec/objective/objectiveMetricName", "''"),
    Change("/spec/constraints/0/max", "1 hour"),
    Change("/spec/constraints/0/max", "-1"),
    Change("/spec/constraints/0/max", "~"),
    Change("/spec/constraints/0/metricName", "~"),
    Change("/spec/cost/0", "{pricePerHour: 1}"),
    Change("/spec/cost/0/pricePerHour", "-1"),
    Change("/spec/cost/0/pricePerHour", "cheap"),
    Change("/spec/cost/0/per", "8GB"),
    Change("/spec/maxNumTrials", "0"),
    Change("/spec/maxNumTrials", "many"),
    Change("/spec/parallelism", "0"),
    Change("/spec/parallelism", "2000"),
    Change("/spec/samplingLimit", "2"),
    Change("/spec/samplingLimit", "a fifth"),
    Change("/spec/regretTolerance", "-0.1"),
    Change("/spec/serviceProgressDeadline", "0"),
    Change("/spec/serviceProgressDeadline", "2 weeks"),
    Change("/spec/stressTest/protocol", "grpc"),
    Change("/spec/stressTest/path", "infer"),
    Change("/spec/stressTest/method", "FETCH"),
    Change("/spec/stressTest/arrival", "bursts"),
    Change("/spec/stressTest/warmUp", "long"),
    Change("/spec/stressTest/rateMax", "-5"),
    Change("/spec/stressTest/port", "[8080]"),
    Change("/spec/stressTest/headers", "[a]"),
  ]

  static let valid = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: admission}
    spec:
      targetRef: {kind: Inference, name: embedder, predictor: main, container: predictor}
      objective: {type: maximize, objectiveMetricName: throughput_rps / cost}
      constraints:
      - {metricName: latency_p99_ms, max: 100ms}
      - {metricName: error_rate, max: 0.1%}
      - {metricName: memory_gib, max: 2}
      cost:
      - {resource: cpu, pricePerHour: 0.04, per: "1"}
      - {parameter: MODE, prices: {fast: 0.1, safe: 0.02}}
      - {base: 0.01}
      tunableParameters:
      - category: resource
        parameters:
        - {name: cpu, parameterType: discrete, feasibleSpace: {list: [500m, 1, 1.5, "2"]}}
      - category: env
        parameters:
        - name: THREADS
          parameterType: int
          feasibleSpace: {min: 1, max: "4", step: "1"}
        - {name: MODE, parameterType: categorical, feasibleSpace: {list: [fast, safe]}}
      - category: args
        parameters:
        - name: --share
          parameterType: double
          feasibleSpace: {min: "0.5", max: "0.9", step: "0.1"}
          scale: linear
      - category: batching
        parameters:
        - {name: batchSize, parameterType: discrete, feasibleSpace: {list: ["1", "4"]}}
      stressTest:
        protocol: oip
        port: predictor-http-port
        path: /v2/models/minilm/infer
        method: POST
        headers: {X-Tenant: test, X-Number: 1}
        body: {inputs: [{name: text, data: [1, 2.5]}]}
        expect: '"outputs"'
        arrival: poisson
        warmUp: 2s
        stepDuration: 4
        rateMin: 1
        rateMax: 5000
        timeout: 10s
      samplingLimit: 20%
      maxNumTrials: 24
      regretTolerance: 0.03
      parallelism: 1
      serviceProgressDeadline: 120
    """

  static let bare = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata: {name: bare}
    spec:
      targetRef: {name: embedder}
      tunableParameters:
      - category: resource
        parameters:
        - {name: cpu, parameterType: discrete, feasibleSpace: {list: [500m, "1", "2", "4"]}}
        - {name: memory, parameterType: discrete, feasibleSpace: {list: [1Gi, 2Gi, 4Gi]}}
    """

  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: embedder}
    spec:
      framework: Triton
      predictors:
      - name: main
        modelVersion: mv-1
        replicas: 2
        trafficWeight: 80
        batching: {batchSize: 8}
        template:
          metadata: {labels: {app: embedder}}
          spec:
            containers:
            - name: predictor
              image: registry.example/embedder:1
              ports: [{name: predictor-http-port, containerPort: 8080}]
              resources: {limits: {cpu: "1", memory: 1Gi, nvidia.com/gpumem: 8192}}
    """
}
