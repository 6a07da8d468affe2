import Kubernetes
import Tuning

/// Reads `stressTest`.
struct StressTestReader {
  let container: Container?
  /// Upstream's field for what a request carries: the body, where `stressTest` gives none.
  var requestTemplate: String?

  func read(_ field: Field) -> StressTestDefinition {
    var test = StressTestDefinition()
    test.port = container.flatMap { Self.likelyPort($0) } ?? test.port
    guard field.exists, field.isMapping(of: Self.fields) else { return test }
    test.requestProtocol =
      field["protocol"].word(StressTestDefinition.RequestProtocol.self) ?? .http
    if test.requestProtocol == .oipOverRPC {
      test.port = container.flatMap { Self.likelyPort($0, named: "grpc") } ?? test.port
    }
    // Answers of many tokens take their time.
    if test.requestProtocol == .openai { test.timeout = .seconds(60) }
    test.port = port(field["port"]) ?? test.port
    test.body = body(field)
    readRequest(field, &test)
    test.arrival = field["arrival"].word(StressTestDefinition.ArrivalModel.self) ?? test.arrival
    readTimes(field, &test)
    readRates(field, &test)
    return test
  }

  static let fields = [
    "protocol", "port", "path", "method", "headers", "body", "bodyFile", "expect", "arrival",
    "warmUp", "stepDuration", "rateMin", "rateMax", "timeout",
  ]
  static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

  private func readRequest(_ field: Field, _ test: inout StressTestDefinition) {
    let isInference = test.requestProtocol != .http
    test.path = path(field["path"], of: test.requestProtocol) ?? "/"
    test.method = isInference || test.body != .none ? "POST" : "GET"
    if let method = field["method"].text?.uppercased() {
      if Self.methods.contains(method) {
        test.method = method
      } else {
        field["method"].error(
          "unknown \"\(method)\"", needed: "known: \(Self.methods.joined(separator: ", "))")
      }
    }
    test.headers = headers(field["headers"])
    let hasType = test.headers.contains { $0.name.lowercased() == "content-type" }
    if isInference || isJSON(field), !hasType {
      test.headers.append(.init(name: "Content-Type", value: "application/json"))
    }
    if isInference, test.body == .none, !field["bodyFile"].exists, !field["body"].exists {
      field.error(
        "protocol \(test.requestProtocol.rawValue) without a body",
        needed: "give the inference request as body or bodyFile")
    }
    test.expectedText = field["expect"].text
    if test.expectedText != nil, test.requestProtocol.readsAnswers {
      field["expect"].error(
        "expect beside protocol \(test.requestProtocol.rawValue)",
        needed: "leave it out: the protocol says what a right answer is")
    }
  }

  /// Whether the body is JSON beyond doubt: written as YAML, or in a file named so.
  private func isJSON(_ field: Field) -> Bool {
    let body = field["body"].value
    return body?.object != nil || body?.array != nil
      || field["bodyFile"].value?.string?.hasSuffix(".json") ?? false
  }

  private func path(
    _ field: Field, of requestProtocol: StressTestDefinition.RequestProtocol
  ) -> String? {
    let hint = requestProtocol.pathHint
    guard let path = field.text else {
      guard let hint, !field.exists else { return nil }
      return field.mismatch("a path like \(hint) is needed")
    }
    if requestProtocol == .oipOverRPC, !(path.hasPrefix("/v2/models/") && path.hasSuffix("/infer"))
    {
      return field.mismatch("the path that it has over REST is needed: /v2/models/NAME/infer")
    }
    guard path.hasPrefix("/"), !path.contains(" ") else {
      return field.mismatch("a path that begins with / is needed")
    }
    return path
  }

  private func headers(_ field: Field) -> [StressTestDefinition.Header] {
    guard let value = field.value else { return [] }
    guard let object = value.object else {
      return field.mismatch("a mapping of names to values is needed") ?? []
    }
    return object.keys.compactMap { name in
      field[name].text.map { StressTestDefinition.Header(name: name, value: $0) }
    }
  }

  private func body(_ field: Field) -> StressTestDefinition.Body {
    if field["body"].exists, field["bodyFile"].exists {
      field["bodyFile"].error("bodyFile beside body", needed: "give one of them")
    }
    if let file = field["bodyFile"].text { return .file(file) }
    // A body written as YAML is sent as JSON.
    if let value = field["body"].value {
      return .bytes(Array((value.string ?? JSONText.encode(value)).utf8))
    }
    if let requestTemplate { return .bytes(Array(requestTemplate.utf8)) }
    return .none
  }

  private func readTimes(_ field: Field, _ test: inout StressTestDefinition) {
    let least = Duration.milliseconds(1)
    test.warmUp = field["warmUp"].duration(bare: .seconds(1)) ?? test.warmUp
    test.stepDuration =
      field["stepDuration"].duration(bare: .seconds(1), atLeast: least) ?? test.stepDuration
    test.timeout = field["timeout"].duration(bare: .seconds(1), atLeast: least) ?? test.timeout
  }

  private func readRates(_ field: Field, _ test: inout StressTestDefinition) {
    test.rateMin = rate(field["rateMin"])
    test.rateMax = rate(field["rateMax"])
    if let low = test.rateMin, let high = test.rateMax, high < low {
      field["rateMax"].error(
        "rateMax is below rateMin", needed: "give a rateMax that is at least rateMin")
    }
  }

  private func rate(_ field: Field) -> Rate? {
    let needed = "a rate above 0, in requests per second, is needed"
    guard let number = field.number(needed) else { return nil }
    return number > 0 ? Rate(perSecond: number) : field.mismatch(needed)
  }

  private func port(_ field: Field) -> Int? {
    guard let value = field.value else { return nil }
    switch PortReference(value) {
    case .number(let number) where (1...65_535).contains(number): return number
    // Without a container the target is wrong, which is reported there.
    case .name where container == nil: return nil
    case .name(let name):
      if let number = container?.portNumber(.name(name)) { return number }
      let names = container?.ports.compactMap(\.name) ?? []
      field.error(
        "no port of the container is named \"\(name)\"",
        needed: names.isEmpty ? "give its number" : Spelling.hint(name, among: names))
      return nil
    default: return field.mismatch("a port from 1 to 65535, or its name, is needed")
    }
  }

  /// KubeDL's port for predictions, else one whose name speaks of HTTP, else the first.
  private static func likelyPort(_ container: Container, named word: String = "http") -> Int? {
    let ports = container.ports
    let port =
      ports.first { $0.name == "predictor-\(word)-port" }
      ?? ports.first { $0.name?.contains(word) ?? false } ?? ports.first
    return port?.number
  }
}
