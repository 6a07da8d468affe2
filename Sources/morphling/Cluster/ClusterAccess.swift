import Controllers
import CustomResources
import Foundation
import Kubernetes
import Transport

/// The cluster that a command is about.
struct ClusterAccess: Sendable {
  let client: Client
  let namespace: String
  /// The API server, for messages.
  private let server: String
  /// Where it stands, for messages.
  private let source: String
  /// What a further command has to be given to reach the same.
  private let words: [String]

  /// - Parameter default: the namespace where none is given.
  /// - Throws: `Failure` where no cluster is named.
  init(_ options: ClusterOptions, default: String? = nil) throws {
    do {
      let configuration = try ClusterConfiguration.found(
        kubeconfig: options.kubeconfig, context: options.context)
      client = try .live(configuration)
      namespace = options.namespace ?? `default` ?? configuration.namespace
      server = configuration.server
    } catch let error as ClusterConfigurationError {
      throw Failure(.wrongInput, "error: \(error)")
    } catch let error as Diagnostics {
      throw Failure(.wrongInput, error.description)
    }
    let variable = ProcessInfo.processInfo.environment["KUBECONFIG"] ?? ""
    source =
      options.kubeconfig ?? (variable.isEmpty ? "the default kubeconfig" : "KUBECONFIG=\(variable)")
    words = options.words
  }

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

  /// Does what a command is for.
  /// - Throws: `Failure` with the status to end with.
  func perform<Result>(_ work: () async throws -> Result) async throws -> Result {
    do {
      return try await work()
    } catch let error as ClusterCommandError {
      throw failure(error)
    } catch let error as APIFailure {
      throw failure(error)
    }
  }

  /// `morphling status embedder --namespace shop`
  func command(_ name: String, _ arguments: String...) -> String {
    (["morphling", name] + arguments + ["--namespace", namespace] + words).joined(separator: " ")
  }

  // MARK: Errors

  func failure(_ error: ClusterCommandError) -> Failure {
    switch error {
    case .invalid(let diagnostics): Failure(.wrongInput, diagnostics.description)
    case .notFound, .taken, .nothingWritten: Failure(.wrongInput, "error: \(error)")
    case .notInstalled: Failure(.failure, "error: \(error)")
    }
  }

  private func failure(_ error: APIFailure) -> Failure {
    switch error.reason {
    case .transport, .unreadable:
      Failure(
        .failure,
        "error: \(server): \(error.message); a reachable API server is needed: see its address in "
          + "\(source), or name another with --kubeconfig or --context")
    case .unauthorized:
      Failure(
        .failure,
        "error: \(server): \(error.message); valid credentials are needed: see the user in \(source)"
      )
    case .forbidden:
      Failure(
        .failure,
        "error: \(error.message); ask for the ClusterRole morphling-edit in namespace \(namespace) "
          + "(morphling-view is enough to look)")
    case .invalid, .badRequest: Failure(.wrongInput, "error: \(error.message)")
    default: Failure(.failure, "error: \(error)")
    }
  }
}
