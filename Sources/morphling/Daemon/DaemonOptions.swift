/// What `morphling daemon` was asked for.
struct DaemonOptions: Sendable {
  let kubeconfig: String?
  let context: String?
  /// Where its settings and its Lease are.
  let namespace: String
  /// The only ones to act in; nil for all.
  let namespaces: [String]?
  let servesInferences: Bool
  let listen: ListenAddress
  /// What it is called among those that want to lead.
  let identity: String
}
