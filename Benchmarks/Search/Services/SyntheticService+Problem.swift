import Kubernetes
import Tuning

extension SyntheticService {
  static let throughput: Metric = "throughput_rps"
  static let latency: Metric = "latency_p99_ms"
  static let memory: Metric = "gpu_memory_used_gib"
  static let cost: Metric = "cost_per_hour"

  /// The service as a problem: requests a second for the money, within the bound on latency.
  func problem() throws -> BenchmarkProblem {
    var metrics = [Self.throughput, Self.latency, Self.cost]
    if reportsMemory { metrics.append(Self.memory) }
    let rows = Self.settings(family, cards).map { setting -> [Metric: Double]? in
      guard let response = formula.response(to: setting) else { return nil }
      var row = [
        Self.throughput: response.throughput, Self.latency: response.latencyP99,
        Self.cost: response.costPerHour,
      ]
      if reportsMemory { row[Self.memory] = response.memoryUsed }
      return row
    }
    return try BenchmarkProblem(
      message: JSONObject([
        ("name", .string(name)),
        ("knobs", .array(knobs)),
        ("grid_points", .integer(rows.count)),
        ("full_product", true),
        ("objective", "throughput_rps / cost_per_hour"),
        ("maximize", true),
        (
          "constraint",
          ["metric": .string(Self.latency.name), "max": .number(latencyMax)]
        ),
        ("metrics", .array(metrics.map { .string($0.name) })),
        ("noise", ["default": 0.03, "cost_per_hour": 0.0]),
      ]), rows: rows, exact: [Self.cost])
  }

  private var knobs: [JSONValue] {
    [
      [
        "name": "gpu_type", "kind": "categorical", "values": .array(cards.map { .string($0.name) }),
      ],
      Self.knob("cpu_cores", "linear", ServiceFamily.coreLevels),
      Self.knob(family.memoryName, "log", family.memoryLevels),
      Self.knob("batch_size", "log", ServiceFamily.batchLevels),
    ]
  }

  private static func knob(_ name: String, _ scale: String, _ levels: [Double]) -> JSONValue {
    [
      "name": .string(name), "kind": "ordinal", "scale": .string(scale),
      "values": .array(levels.map { .integer(Int($0)) }),
    ]
  }
}
