/// How a request was answered.
package enum RequestResult: String, Hashable, Sendable, Codable, CaseIterable {
  case success = "success"
  case connectionRefused = "connection refused"
  /// Closed or reset by the server before its answer was complete.
  case connectionLost = "connection lost"
  case timedOut = "timed out"
  /// Redirects are never followed: load goes to the server that it was started for.
  case redirected = "redirected"
  case statusNotOK = "status not 2xx"
  case wrongContent = "wrong content"
  /// No HTTP, or none that can be understood.
  case malformed = "malformed answer"
  /// Longer than any right answer may be; it isn't read to its end.
  case tooLong = "answer too long"
  /// The certificates of one side don't satisfy the other, or there is no TLS at all.
  case secureChannelFailed = "TLS failure"
  case nameUnresolved = "name not resolved"
  /// This machine has no descriptor, port or memory left for another connection.
  case resourcesExhausted = "no descriptor or port left here"
  /// A server of completions said in its answer that it failed.
  case errorInStream = "error in the answer"
  /// Statuses of gRPC; one that the deadline was exceeded is a time-out.
  case rpcInvalidArgument = "gRPC: invalid argument"
  case rpcNotFound = "gRPC: not found"
  case rpcResourceExhausted = "gRPC: resource exhausted"
  case rpcUnimplemented = "gRPC: unimplemented"
  case rpcUnavailable = "gRPC: unavailable"
  case rpcFailed = "gRPC: other status"
  case otherFailure = "other failure"

  /// Whether the server answered, but not what a right answer is.
  package var isWrongAnswer: Bool {
    switch self {
    case .redirected, .statusNotOK, .wrongContent, .malformed, .tooLong, .errorInStream,
      .rpcInvalidArgument, .rpcNotFound, .rpcResourceExhausted, .rpcUnimplemented, .rpcUnavailable,
      .rpcFailed:
      true
    case .success, .connectionRefused, .connectionLost, .timedOut, .secureChannelFailed,
      .nameUnresolved, .resourcesExhausted, .otherFailure:
      false
    }
  }
}
