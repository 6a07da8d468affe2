/// What makes an answer a right one.
package enum ResponseExpectation: Hashable, Sendable {
  /// Any 2xx status.
  case status
  /// A 2xx status, and these bytes somewhere in the body.
  case contains(String)
  /// A 2xx status, and a body which looks like an answer of the Open Inference Protocol
  /// (KServe v2, REST): a JSON object with `"outputs"` and without `"error"`.
  case openInference
}
