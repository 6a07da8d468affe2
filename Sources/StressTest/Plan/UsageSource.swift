import Foundation
package import Tuning

/// Where to ask what a candidate uses that runs in a cluster: a Prometheus that has the figures of
/// the kubelets' cAdvisor and, where there are GPUs, those of NVIDIA's DCGM exporter.
package struct UsageSource: Hashable, Sendable {
  package var prometheus: ServerRoot
  package var namespace: String
  /// The names of its pods, as a regular expression (RE2, anchored at both ends).
  package var pods: String
  package var container: String

  package init(prometheus: ServerRoot, namespace: String, pods: String, container: String) {
    self.prometheus = prometheus
    self.namespace = namespace
    self.pods = pods
    self.container = container
  }
}

// MARK: - The question

extension UsageSource {
  /// One question for all figures, each labelled `usage`.
  ///
  /// - Parameter time: how far back a candidate may have used something.
  package func query(over time: Duration) -> String {
    let seconds = max(1, Int(time.seconds.rounded(.up)))
    func figure(_ figure: Figure) -> String {
      let labels =
        figure.isOfGPU
        // Prometheus renames labels of an exporter that are its own for the exporter's pod.
        ? [selector("exported_namespace", "exported_pod", "exported_container"), ours] : [ours]
      let series = labels.map { "\(figure.overTime)(\(figure.series)\($0)[\(seconds)s])" }
        .joined(separator: " or ")
      return #"label_replace(\#(figure.sum)(\#(series)), "usage", "\#(figure.rawValue)", "", "")"#
    }
    return Figure.allCases.map(figure).joined(separator: " or ")
  }

  private var ours: String { selector("namespace", "pod", "container") }

  private func selector(_ namespaces: String, _ names: String, _ containers: String) -> String {
    "{\(namespaces)=\(quoted(namespace)),\(names)=~\(quoted(pods)),\(containers)=\(quoted(container))}"
  }

  private func quoted(_ text: String) -> String {
    let escaped = text.replacingOccurrences(of: "\\", with: "\\\\")
      .replacingOccurrences(of: "\"", with: "\\\"").replacingOccurrences(of: "\n", with: "\\n")
    return "\"\(escaped)\""
  }

  fileprivate enum Figure: String, CaseIterable {
    case memory, cpu, throttled, kills
    case gpuMemory = "gpu_memory"
    case gpuUtilization = "gpu_utilization"

    /// Of cAdvisor and the DCGM exporter.
    var series: String {
      switch self {
      case .memory: "container_memory_working_set_bytes"
      case .cpu: "container_cpu_usage_seconds_total"
      case .throttled: "container_cpu_cfs_throttled_seconds_total"
      case .kills: "container_oom_events_total"
      case .gpuMemory: "DCGM_FI_DEV_FB_USED"
      case .gpuUtilization: "DCGM_FI_DEV_GPU_UTIL"
      }
    }

    /// Nothing uses as much; what is said to isn't believed.
    var bound: Double {
      switch self {
      case .memory: 1e15
      case .cpu, .throttled, .kills, .gpuMemory, .gpuUtilization: 1e9
      }
    }

    var isOfGPU: Bool { self == .gpuMemory || self == .gpuUtilization }
    /// Counters begin at 0 with the container.
    var overTime: String { self == .gpuUtilization ? "avg_over_time" : "max_over_time" }
    var sum: String { self == .gpuUtilization ? "avg" : "sum" }
  }
}

// MARK: - The answer

extension Candidate.Usage {
  /// Reads what Prometheus answers to ``UsageSource/query(over:)``; a figure that it doesn't have is
  /// nil.
  /// - Throws: `DecodingError` where it is no vector of Prometheus.
  package init(prometheus answer: [UInt8]) throws {
    self.init()
    let answer = try JSONDecoder().decode(Answer.self, from: Data(answer))
    for sample in answer.data.result {
      guard let figure = sample.metric["usage"].flatMap(UsageSource.Figure.init),
        (0..<figure.bound).contains(sample.number)
      else { continue }
      set(figure, sample.number)
    }
  }

  private mutating func set(_ figure: UsageSource.Figure, _ number: Double) {
    switch figure {
    case .memory: memoryPeak = ByteCount(Int64(number))
    case .cpu: cpu = .seconds(number)
    case .throttled: throttled = .seconds(number)
    case .kills: outOfMemoryKills = Int(number)
    // In MiB, and in percent.
    case .gpuMemory: gpuMemoryPeak = ByteCount(Int64(number * 1_048_576))
    case .gpuUtilization: gpuUtilization = Share(min(number / 100, 1))
    }
  }

  private struct Answer: Decodable {
    struct Content: Decodable { let result: [Sample] }
    let data: Content
  }

  private struct Sample: Decodable {
    let metric: [String: String]
    let number: Double

    private enum Key: CodingKey { case metric, value }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      metric = try container.decode([String: String].self, forKey: .metric)
      var pair = try container.nestedUnkeyedContainer(forKey: .value)
      _ = try pair.decode(Double.self)
      let text = try pair.decode(String.self)
      guard let number = Double(text) else {
        throw DecodingError.dataCorruptedError(
          in: pair, debugDescription: "\"\(text)\" is no number")
      }
      self.number = number
    }
  }
}

// MARK: - As JSON

extension UsageSource: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case prometheus, namespace, pods, container
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(prometheus.description, forKey: .prometheus)
    try container.encode(namespace, forKey: .namespace)
    try container.encode(pods, forKey: .pods)
    try container.encode(self.container, forKey: .container)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.strictContainer(keyedBy: Key.self)
    let root = try container.decode(String.self, forKey: .prometheus)
    guard let prometheus = ServerRoot(root) else {
      throw DecodingError.dataCorruptedError(
        forKey: .prometheus, in: container,
        debugDescription: "\"\(root)\"; a URL like http://prometheus:9090 is needed")
    }
    self.prometheus = prometheus
    namespace = try container.decode(String.self, forKey: .namespace)
    pods = try container.decode(String.self, forKey: .pods)
    self.container = try container.decode(String.self, forKey: .container)
  }
}
