import Controllers
import CustomResources
import Kubernetes

/// What the daemon does, as a list.
enum DaemonControllers {
  /// Every controller has its line here, and is started nowhere else.
  static func all(_ context: ControllerContext, _ options: DaemonOptions) -> [Controller] {
    let lease = ObjectKey(namespace: options.namespace, name: Installation.name)
    let serving = options.servesInferences ? [ServingController(context).controller] : []
    return [
      ExperimentController(context).controller,
      InferenceController(context, lease: lease).controller,
    ] + serving
  }
}
