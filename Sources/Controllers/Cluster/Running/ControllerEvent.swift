package import Kubernetes

/// What a run of controllers has to tell those who log and count.
package enum ControllerEvent: Sendable {
  case reconciled(controller: String, ObjectKey, Requeue, took: Duration)
  /// It is tried again after a while; `failures` counts those in a row.
  case failed(controller: String, ObjectKey, any Error, failures: Int, took: Duration)
  /// A list, watch or discovery failed; it is tried again.
  case watchFailed(ResourceKind, Selection, any Error)
  /// The API server doesn't serve the kind; it is joined when it appears.
  case kindMissing(ResourceKind, Selection)
  case kindFound(ResourceKind, Selection)
  case changed(ResourceKind, ObjectChange)
}
