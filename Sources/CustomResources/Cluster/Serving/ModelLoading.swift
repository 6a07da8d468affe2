import Kubernetes

/// How a model version comes into a predictor's pod: KubeDL copies it from an image of its own
/// before the server starts.
package struct ModelLoading: Hashable, Sendable {
  /// The image that holds the model below `/kubedl-model` (`ModelVersion.status.image`).
  package let image: String
  /// Where the containers find it.
  package let path: String
  private let framework: String?

  /// - Parameters:
  ///   - path: the predictor's `modelPath`; nil for KubeDL's own place.
  ///   - framework: that of the Inference.
  package init(image: String, modelVersion: String, path: String?, framework: String? = nil) {
    self.image = image
    self.path = path ?? "/kubedl-model/\(modelVersion)"
    self.framework = framework
  }

  private static let loader = "kubedl-model-loader"
  private static let volume = "kubedl-model"

  /// A pod's spec with an init container that copies the model to a volume which all containers
  /// see, and with the variables that say where it is.
  func applied(to spec: JSONObject) -> JSONObject {
    var spec = spec
    let load: JSONValue = [
      "name": .string(Self.loader), "image": .string(image),
      "command": ["/bin/sh", "-c", "cp -r /kubedl-model/* /mnt/kubedl-model/"],
      "volumeMounts": [["name": .string(Self.volume), "mountPath": "/mnt/kubedl-model"]],
      // The image is the user's own, and may be made to run as root.
      "securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]],
    ]
    spec["initContainers"] = Self.appending(load, to: spec["initContainers"])
    spec["volumes"] = Self.appending(
      ["name": .string(Self.volume), "emptyDir": [:]], to: spec["volumes"])
    spec["containers"] = .array(
      (spec["containers"]?.array ?? []).map { container in
        var container = container.object ?? JSONObject()
        container["volumeMounts"] = Self.appending(
          ["name": .string(Self.volume), "mountPath": .string(path)],
          to: container["volumeMounts"])
        for (name, value) in variables {
          container["env"] = Self.appending(
            ["name": .string(name), "value": .string(value)], to: container["env"])
        }
        return .object(container)
      })
    return spec
  }

  /// TensorFlow Serving looks for `$MODEL_BASE_PATH/$MODEL_NAME`.
  private var variables: [(name: String, value: String)] {
    let own = [(name: "KUBEDL_MODEL_PATH", value: path)]
    let parts = path.split(separator: "/")
    guard framework == "TFServing", let name = parts.last else { return own }
    let base = "/" + parts.dropLast().joined(separator: "/")
    return own + [("MODEL_BASE_PATH", base), ("MODEL_NAME", String(name))]
  }

  /// The list with the element at its end, unless one of its name is there.
  private static func appending(_ element: JSONValue, to list: JSONValue?) -> JSONValue {
    let list = list?.array ?? []
    let isThere = list.contains { $0["name"] == element["name"] }
    return .array(isThere ? list : list + [element])
  }
}
