import Kubernetes

/// The labels of everything that is installed.
enum ManifestLabels {
  static let json: JSONValue = [
    "app.kubernetes.io/name": "morphling", "app.kubernetes.io/part-of": "morphling",
  ]
}
