/// What makes an answer a right one.
package enum ResponseExpectation: Hashable, Sendable {
  /// Any 2xx status.
  case status
  /// A 2xx status, and these bytes somewhere in the body.
  case contains(String)
  /// A 2xx status, and an answer of the Open Inference Protocol (KServe v2) over REST: see
  /// `InferenceAnswer`.
  case openInference
  /// The same protocol over gRPC: a status of 0, and a message of the right form. The target is
  /// written as it would be over REST.
  case inferenceCall(InferenceCall.Method)
  /// A 2xx status, and an answer of TensorFlow Serving over REST: see `PredictionAnswer`.
  case predictions
  /// A 2xx status, and an answer of an OpenAI-compatible server: see `CompletionAnswer`.
  case completions
}
