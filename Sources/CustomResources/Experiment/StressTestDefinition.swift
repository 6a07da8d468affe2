package import Tuning

/// How a candidate is put under load: what is sent, when, and what a right answer is.
package struct StressTestDefinition: Hashable, Sendable {
  package enum RequestProtocol: String, Hashable, Sendable, CaseIterable {
    /// Any HTTP request.
    case http
    /// An inference request of the Open Inference Protocol (KServe v2) over HTTP.
    case oip
    /// The same over gRPC, with the path and the body that it has over HTTP.
    case oipOverRPC = "oip-grpc"
    /// A prediction of TensorFlow Serving over HTTP.
    case tfserving
    /// A chat or a completion of an OpenAI-compatible server.
    case openai

    /// What its path looks like; nil where any will do.
    var pathHint: String? {
      switch self {
      case .http: nil
      case .oip, .oipOverRPC: "/v2/models/NAME/infer"
      case .tfserving: "/v1/models/NAME:predict"
      case .openai: "/v1/chat/completions"
      }
    }

    /// Whether the content of an answer is looked at in more ways than one text could say.
    package var readsAnswers: Bool { self == .oipOverRPC || self == .openai }
  }

  /// When requests are due.
  package enum ArrivalModel: String, Hashable, Sendable, CaseIterable {
    /// At random, independently of each other, as those of many users are.
    case poisson
    /// At equal distances.
    case constant
  }

  package enum Body: Hashable, Sendable {
    case none
    case bytes([UInt8])
    /// A file, relative to the folder of the manifest.
    case file(String)
  }

  package struct Header: Hashable, Sendable {
    package let name: String
    package let value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package var requestProtocol: RequestProtocol = .http
  package var port: Int = 8080
  package var path: String = "/"
  package var method: String = "GET"
  package var headers: [Header] = []
  package var body: Body = .none
  /// A text that every right answer contains; nil where the status alone decides.
  package var expectedText: String?
  package var arrival: ArrivalModel = .poisson
  /// How long load is sent, at least, before anything counts.
  package var warmUp: Duration = .seconds(2)
  /// How long one constant load lasts.
  package var stepDuration: Duration = .seconds(4)
  /// The lowest load worth having; nil leaves it to the stress test.
  package var rateMin: Rate?
  /// The highest load to try; nil for no bound.
  package var rateMax: Rate?
  /// A request without an answer by then has failed.
  package var timeout: Duration = .seconds(10)

  package init() {}
}
