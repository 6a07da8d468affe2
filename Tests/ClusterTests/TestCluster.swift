import CustomResources
import Foundation
import Kubernetes
import Simulation
import Testing
import Transport

/// What the same tests are run against.
enum Backend: String, Sendable, CustomTestStringConvertible {
  case inMemory = "in memory"
  case real = "real"

  /// The real one only where `KUBECONFIG` names one.
  static let available: [Backend] = RealCluster.isThere ? [.inMemory, .real] : [.inMemory]

  var testDescription: String { rawValue }
}

/// The API server that `KUBECONFIG` names.
enum RealCluster {
  static let isThere = !(ProcessInfo.processInfo.environment["KUBECONFIG"] ?? "").isEmpty
  static let skipping: Comment = "KUBECONFIG names no cluster: nothing was tested on a real one"

  static func configuration() throws -> ClusterConfiguration {
    try .found { text, file in
      let manifest = Manifest(text, file: file)
      return manifest.documents.first?.value ?? .null
    }
  }

  static func client() throws -> Client {
    try .live(configuration(), rate: 2_000, burst: 2_000, manager: "tests")
  }

  /// A command that makes the server forget its past: `cluster compact`.
  static let compactCommand = ProcessInfo.processInfo.environment["CLUSTER_COMPACT"] ?? ""

  /// Runs it.
  static func compact() throws {
    let process = try ChildProcess(["sh", "-c", compactCommand])
    try #require(process.ending(until: .now + .seconds(120))?.code == 0)
  }

  /// Installs the kind that the tests use, once.
  static let installation = Task {
    let server = try RealCluster.client()
    do {
      _ = try await server.create(.customResourceDefinitions, TestCluster.widgetDefinition)
    } catch let failure as APIFailure where failure.reason == .alreadyExists {}
    try await eventually("widgets are served") { try await server.serves(.widgets) }
  }
}

extension ResourceKind {
  /// A kind of our own, with a status.
  static let widgets = ResourceKind(
    group: "morphling.test", version: "v1", plural: "widgets", kind: "Widget")
}

/// A server with a namespace for one test.
struct TestCluster: Sendable {
  let client: Client
  let namespace: String
  /// Nil for a real one.
  let server: InMemoryAPIServer?

  /// Runs a test in a namespace of its own, which is deleted afterwards.
  static func with(
    _ backend: Backend, _ body: @Sendable (TestCluster) async throws -> Void
  ) async throws {
    let namespace = "morphling-test-" + UUID().uuidString.prefix(8).lowercased()
    let cluster: TestCluster
    switch backend {
    case .inMemory:
      let server = InMemoryAPIServer()
      let client = Client.inMemory(server, manager: "tests")
      cluster = TestCluster(client: client, namespace: namespace, server: server)
      _ = try await client.create(.customResourceDefinitions, widgetDefinition)
    case .real:
      try await RealCluster.installation.value
      cluster = TestCluster(client: try RealCluster.client(), namespace: namespace, server: nil)
    }
    let object = KubernetesObject(.namespaces, ObjectKey(name: namespace))
    _ = try await cluster.client.create(.namespaces, object)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(cluster)) } catch { outcome = .failure(error) }
    try await cluster.client.delete(.namespaces, object.key)
    try outcome.get()
  }

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

  func widget(
    _ name: String, size: Int = 1, labels: [String: String] = [:],
    owners: [OwnerReference] = [], finalizers: [String] = []
  ) -> KubernetesObject {
    KubernetesObject(
      .widgets, key(name), labels: labels, owners: owners, finalizers: finalizers,
      content: ["spec": ["size": .integer(size)]])
  }

  @discardableResult
  func make(
    _ name: String, size: Int = 1, labels: [String: String] = [:],
    owners: [OwnerReference] = [], finalizers: [String] = []
  ) async throws -> KubernetesObject {
    try await client.create(
      .widgets,
      widget(name, size: size, labels: labels, owners: owners, finalizers: finalizers))
  }

  static let widgetDefinition = KubernetesObject(
    .customResourceDefinitions, ObjectKey(name: "widgets.morphling.test"),
    content: [
      "spec": [
        "group": "morphling.test", "scope": "Namespaced",
        "names": ["plural": "widgets", "singular": "widget", "kind": "Widget"],
        "versions": [
          [
            "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
            "schema": [
              "openAPIV3Schema": [
                "type": "object",
                "properties": [
                  "spec": [
                    "type": "object",
                    "properties": [
                      "size": ["type": "integer", "minimum": 1], "color": ["type": "string"],
                      "tags": ["type": "array", "items": ["type": "string"]],
                    ],
                  ],
                  "status": [
                    "type": "object", "properties": ["phase": ["type": "string"]],
                  ],
                ],
              ]
            ],
          ]
        ],
      ]
    ])
}

/// Waits for something that a server does in its own time.
func eventually(
  _ what: Comment, within limit: Duration = .seconds(120),
  _ condition: @Sendable () async throws -> Bool
) async throws {
  let start = ContinuousClock.now
  while try await !condition() {
    try #require(ContinuousClock.now - start < limit, what)
    try await Task.sleep(for: .milliseconds(20))
  }
}

/// The reason for which an operation fails; nil where it succeeds.
func failure(
  of operation: @Sendable () async throws -> Void
) async throws -> APIFailure.Reason? {
  do {
    try await operation()
    return nil
  } catch let failure as APIFailure {
    return failure.reason
  }
}

/// Expects an operation to fail for a reason.
func expect(
  _ reason: APIFailure.Reason, sourceLocation: SourceLocation = #_sourceLocation,
  _ operation: @Sendable () async throws -> Void
) async throws {
  let found = try await failure(of: operation)
  #expect(found == reason, sourceLocation: sourceLocation)
}
