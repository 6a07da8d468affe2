import Kubernetes

extension Container {
  /// The container with its share of a GPU in the variables that HAMi sets in a pod, by which its
  /// libraries hold a process to that share. Nothing changes where it asks for none, or sets them
  /// itself.
  func settingGPUShare() -> Container {
    let shares = [
      ("CUDA_DEVICE_MEMORY_LIMIT_0", limit("nvidia.com/gpumem").map { $0 + "m" }),
      ("CUDA_DEVICE_SM_LIMIT", limit("nvidia.com/gpucores")),
    ]
    let names = Set(env.map(\.name))
    let added = shares.compactMap { name, value -> JSONValue? in
      guard let value, !names.contains(name) else { return nil }
      return ["name": .string(name), "value": .string(value)]
    }
    guard !added.isEmpty, var object = json.object else { return self }
    object["env"] = .array((object["env"]?.array ?? []) + added)
    return Container(.object(object))
  }
}
