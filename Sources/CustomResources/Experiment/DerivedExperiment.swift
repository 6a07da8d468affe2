package import Kubernetes
import Tuning

/// A sensible experiment for an Inference that comes without one.
///
/// Levels lie around what the container has today. Prices are those of public clouds, rounded:
/// 0.04 an hour for a core, 0.005 for a GiB of memory, 0.5 for a GPU (or for 16 GiB of its
/// memory), as three large providers charge for general-purpose machines and a T4.
package struct DerivedExperiment {
  private let inference: Inference
  private let predictor: Inference.Predictor?
  private let container: Container?

  /// - Parameter name: of the predictor; nil for the first.
  package init(_ inference: Inference, predictor name: String? = nil) {
    let predictor = inference.predictors.first { name == nil || $0.name == name }
    self.inference = inference
    self.predictor = predictor
    self.container = predictor?.servingContainer
  }

  /// The experiment as the text that a person would have written.
  package var text: String { YAMLText.encode(json) }

  package var json: JSONValue {
    var metadata: JSONObject = JSONObject([("name", .string(inference.metadata.name))])
    metadata["namespace"] = inference.metadata.namespace.map(JSONValue.string)
    var target = JSONObject([
      ("kind", "Inference"), ("name", .string(inference.metadata.name)),
      ("predictor", .string(predictor?.name ?? "")),
    ])
    target["container"] = container.map { .string($0.name) }
    return [
      "apiVersion": "morphling.kubedl.io/v1alpha1",
      "kind": "ProfilingExperiment",
      "metadata": .object(metadata),
      "spec": [
        "targetRef": .object(target),
        "objective": ["type": "maximize", "objectiveMetricName": "throughput_rps / cost"],
        "constraints": [
          ["metricName": "p99", "max": "200ms"], ["metricName": "error-rate", "max": "1%"],
        ],
        "cost": .array(prices),
        "tunableParameters": .array(groups),
        "stressTest": stressTest,
      ],
    ]
  }

  // MARK: Resources

  /// cpu and memory, and what the container has of a GPU.
  private var resources: [(name: String, levels: [String])] {
    let cpu = around(amount("cpu") ?? 1, Self.cpuText)
    let memory = around(amount("memory") ?? 2_147_483_648, Self.bytesText)
    var result = [("cpu", cpu), ("memory", memory)]
    for name in ["nvidia.com/gpumem", "aliyun.com/gpu-mem", "nvidia.com/gpucores"] {
      guard let amount = amount(name) else { continue }
      let most = name == "nvidia.com/gpucores" ? 100.0 : .infinity
      let levels = around(amount) { String(Int(Swift.max($0.rounded(), 1))) }
      result.append((name, levels.filter { (Double($0) ?? 0) <= most }))
    }
    return result
  }

  private func amount(_ resource: String) -> Double? {
    let text = container.flatMap { $0.limit(resource) ?? $0.request(resource) }
    return text.flatMap { try? Quantity($0) }.map(\.amount).flatMap { $0 > 0 ? $0 : nil }
  }

  /// ¼, ½, ¾, 1, 1½ and twice the amount, each once.
  private func around(_ amount: Double, _ text: (Double) -> String) -> [String] {
    var levels: [String] = []
    for factor in [0.25, 0.5, 0.75, 1, 1.5, 2] {
      let level = text(amount * factor)
      if !levels.contains(level) { levels.append(level) }
    }
    return levels
  }

  /// In steps of 50m below a core, of 250m below four, of whole cores above.
  private static func cpuText(_ cores: Double) -> String {
    let step = cores < 1 ? 50.0 : cores < 4 ? 250 : 1_000
    let milli = Int(max((cores * 1_000 / step).rounded(), 1) * step)
    return milli % 1_000 == 0 ? String(milli / 1_000) : "\(milli)m"
  }

  /// In steps of 64Mi below a GiB, of 256Mi below eight, of whole GiB above.
  private static func bytesText(_ bytes: Double) -> String {
    let mebibytes = bytes / 1_048_576
    let step = mebibytes < 1_024 ? 64.0 : mebibytes < 8_192 ? 256 : 1_024
    let rounded = Int(max((mebibytes / step).rounded(), 1) * step)
    return rounded % 1_024 == 0 ? "\(rounded / 1_024)Gi" : "\(rounded)Mi"
  }

  // MARK: Parameters

  private var groups: [JSONValue] {
    var groups: [JSONValue] = [group("resource", resources)]
    if !batching.isEmpty { groups.append(group("batching", batching)) }
    if !variables.isEmpty { groups.append(group("env", variables)) }
    return groups
  }

  private func group(_ category: String, _ parameters: [(name: String, levels: [String])])
    -> JSONValue
  {
    let parameters = parameters.map { name, levels -> JSONValue in
      [
        "name": .string(name), "parameterType": "discrete",
        "feasibleSpace": ["list": .array(levels.map(JSONValue.string))],
      ]
    }
    return ["category": .string(category), "parameters": .array(parameters)]
  }

  private static let batchSizes = ["1", "2", "4", "8", "16", "32"]

  /// By the variable that the container sets already, else by KubeDL's own field.
  private var batching: [(name: String, levels: [String])] {
    let names = ["MAX_BATCH_SIZE", "BATCH_SIZE"]
    let present = names.first { container?.value(ofVariable: $0) != nil }
    if let present { return [(present, levels(Self.batchSizes, with: variable(present)))] }
    let framework = inference.framework.lowercased()
    guard predictor?.batching != nil || framework == "triton" || framework == "tfserving" else {
      return []
    }
    return [("batchSize", levels(Self.batchSizes, with: predictor?.batching?.batchSize))]
  }

  /// Variables of well-known servers, tuned where the container sets them.
  private var variables: [(name: String, levels: [String])] {
    let small = ["1", "2", "4"]
    let known: [(name: String, levels: [String])] = [
      ("INTRA_OP_THREADS", small), ("OMP_NUM_THREADS", small),
      ("TENSORFLOW_INTRA_OP_PARALLELISM", small), ("INSTANCES", small), ("WORKERS", small),
      ("WEB_CONCURRENCY", small), ("BATCH_DELAY_MICROSECONDS", ["0", "500", "2000", "8000"]),
      ("MAX_WAIT_MILLISECONDS", ["1", "5", "20"]),
    ]
    return known.compactMap { name, values in
      variable(name).map { (name, levels(values, with: $0)) }
    }
  }

  private func variable(_ name: String) -> Int? {
    container?.value(ofVariable: name).flatMap { Int($0) }
  }

  /// Today's value is always one of the levels.
  private func levels(_ levels: [String], with present: Int?) -> [String] {
    let numbers = Set(levels.compactMap { Int($0) } + (present.map { [$0] } ?? []))
    return numbers.sorted().map { String($0) }
  }

  // MARK: Prices and load

  private var prices: [JSONValue] {
    var prices: [JSONValue] = [
      ["resource": "cpu", "pricePerHour": 0.04, "per": "1"],
      ["resource": "memory", "pricePerHour": 0.005, "per": "1Gi"],
    ]
    for (name, per) in [("nvidia.com/gpumem", "16384"), ("aliyun.com/gpu-mem", "16")]
    where amount(name) != nil {
      prices.append(["resource": .string(name), "pricePerHour": 0.5, "per": .string(per)])
    }
    if amount("nvidia.com/gpu") != nil {
      prices.append(["resource": "nvidia.com/gpu", "pricePerHour": 0.5, "per": "1"])
    }
    return prices
  }

  /// A request to the path of the readiness probe, where there is one: better than nothing, but
  /// the author should say what a real request is.
  private var stressTest: JSONValue {
    var test = JSONObject([("protocol", "http")])
    var path = "/"
    if case .httpGet(let probePath, let port, _) = container?.readinessProbe?.action {
      path = probePath
      switch port {
      case .number(let number): test["port"] = .integer(number)
      case .name(let name) where container?.portNumber(.name(name)) != nil:
        test["port"] = .string(name)
      case .name: break
      }
    }
    test["path"] = .string(path.hasPrefix("/") ? path : "/" + path)
    test["arrival"] = "poisson"
    return .object(test)
  }
}
