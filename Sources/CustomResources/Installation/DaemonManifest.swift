import Kubernetes

/// The daemon's Deployment, and the Service of its metrics and pages.
struct DaemonManifest {
  let namespace: String
  let image: String

  private static let port: JSONValue = 8080

  var objects: [JSONValue] { [deployment, service] }

  private var metadata: JSONValue {
    [
      "name": .string(Installation.name), "namespace": .string(namespace),
      "labels": ManifestLabels.json,
    ]
  }

  private var deployment: JSONValue {
    [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
      "spec": [
        // One works; with more, the others wait for its Lease.
        "replicas": 1,
        "selector": ["matchLabels": ["app.kubernetes.io/name": "morphling"]],
        "template": [
          "metadata": ["labels": ManifestLabels.json],
          "spec": [
            "serviceAccountName": .string(Installation.name),
            "securityContext": [
              "runAsNonRoot": true, "runAsUser": 65_532, "runAsGroup": 65_532,
              "seccompProfile": ["type": "RuntimeDefault"],
            ],
            "containers": [container],
          ],
        ],
      ],
    ]
  }

  private var container: JSONValue {
    [
      "name": "morphling", "image": .string(image), "imagePullPolicy": "IfNotPresent",
      "args": ["daemon"],
      "env": [
        // Dense algebra on small matrices: more threads only get in each other's way.
        ["name": "OPENBLAS_NUM_THREADS", "value": "1"],
        Self.variable("POD_NAME", "metadata.name"),
        Self.variable("POD_NAMESPACE", "metadata.namespace"),
      ],
      "ports": [["name": "http", "containerPort": Self.port]],
      "livenessProbe": Self.probe("/healthz", period: 20, failures: 3),
      "readinessProbe": Self.probe("/readyz", period: 5, failures: 2),
      "resources": [
        "requests": ["cpu": "100m", "memory": "128Mi"],
        "limits": ["cpu": "1", "memory": "512Mi"],
      ],
      "securityContext": RestrictedContainer.securityContext,
    ]
  }

  private static func variable(_ name: String, _ path: String) -> JSONValue {
    ["name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(path)]]]
  }

  private static func probe(_ path: String, period: Int, failures: Int) -> JSONValue {
    [
      "httpGet": ["path": .string(path), "port": "http"], "periodSeconds": .integer(period),
      "timeoutSeconds": 5, "failureThreshold": .integer(failures),
    ]
  }

  private var service: JSONValue {
    [
      "apiVersion": "v1", "kind": "Service", "metadata": metadata,
      "spec": [
        "selector": ["app.kubernetes.io/name": "morphling"],
        "ports": [["name": "http", "port": Self.port, "targetPort": "http"]],
      ],
    ]
  }
}

/// What the strictest of Kubernetes' pod security standards asks of a container, and a file system
/// that can't be written to.
enum RestrictedContainer {
  static let securityContext: JSONValue = [
    "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
    "capabilities": ["drop": ["ALL"]],
  ]
}
