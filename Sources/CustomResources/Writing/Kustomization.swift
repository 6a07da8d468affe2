package import Kubernetes

/// A patch as Kustomize takes it: a `kustomization.yaml` with the JSON Patch inline.
package enum Kustomization {
  package static func text(_ patch: JSONPatch, target: TunedContainer) -> String {
    let parts = target.apiVersion.split(separator: "/")
    var selector = JSONObject()
    if parts.count == 2 { selector["group"] = .string(String(parts[0])) }
    selector["version"] = parts.last.map { .string(String($0)) }
    selector["kind"] = .string(target.kind)
    selector["name"] = .string(target.metadata.name)
    selector["namespace"] = target.metadata.namespace.map(JSONValue.string)
    return YAMLText.encode([
      "apiVersion": "kustomize.config.k8s.io/v1beta1",
      "kind": "Kustomization",
      "patches": [
        ["target": .object(selector), "patch": .string(YAMLText.encode(patch.json))]
      ],
    ])
  }
}
