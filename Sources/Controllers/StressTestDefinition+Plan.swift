package import CustomResources
package import Foundation
package import StressTest
package import Tuning

extension StressTestDefinition {
  /// What is sent to a server, and what a right answer is.
  ///
  /// - Parameters:
  ///   - url: with the path.
  ///   - fileBody: the contents of the body's file, where it comes from one.
  package func target(url: String, fileBody: Data?) -> HTTPTarget {
    var headers = headers.map { HTTPTarget.Header($0.name, $0.value) }
    if !headers.contains(where: { $0.name.lowercased() == "content-type" }), body != .none {
      headers.append(HTTPTarget.Header("Content-Type", "application/json"))
    }
    let expectation: ResponseExpectation
    switch (expectedText, requestProtocol) {
    case (.some(let text), _): expectation = .contains(text)
    case (nil, .oip): expectation = .openInference
    case (nil, .oipOverRPC): expectation = .inferenceCall(.infer)
    case (nil, .tfserving): expectation = .predictions
    case (nil, .openai): expectation = .completions
    case (nil, .http): expectation = .status
    }
    let bytes: [UInt8]
    switch body {
    case .none: bytes = []
    case .bytes(let given): bytes = given
    case .file: bytes = Array(fileBody ?? Data())
    }
    return HTTPTarget(
      url: url, method: method, headers: headers, body: bytes, expectation: expectation)
  }
}

extension ExperimentDefinition {
  /// How a trial's candidate is put to the test.
  /// - Parameters:
  ///   - seed: of the trial.
  ///   - rateToBeat: a candidate that can't sustain it is cut early.
  package func stressPlan(seed: UInt64, rateToBeat: Rate?) -> StressPlan {
    let test = stressTest
    var plan = StressPlan(
      constraints: constraints.filter(\.isHeldByStressTest),
      arrival: test.arrival == .poisson ? .poisson : .constant, warmUp: test.warmUp,
      stepDuration: test.stepDuration, timeout: test.timeout,
      readinessDeadline: progressDeadline, incumbentRate: rateToBeat, seed: seed)
    if let rate = test.rateMin { plan.rateMin = rate }
    if let rate = test.rateMax { plan.rateMax = rate }
    return plan
  }
}
