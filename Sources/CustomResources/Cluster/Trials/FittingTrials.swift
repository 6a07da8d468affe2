package import Kubernetes
package import Tuning

/// The Trials of an experiment as its search sees them. A search space that was changed may leave
/// some that don't fit it any more: they don't count, and keep their ordinals.
package struct FittingTrials: Hashable, Sendable {
  /// In the order of their ordinals.
  package let trials: [TrialObject]
  /// Of the others, one for each.
  package let misfits: [TrialObjectError]
  /// The greatest of all of them, those that don't fit too; nil where there is none.
  package let lastOrdinal: Int?

  package init(_ objects: [KubernetesObject], in space: SearchSpace) {
    var trials: [TrialObject] = []
    var misfits: [TrialObjectError] = []
    for object in objects {
      do {
        trials.append(try TrialObject(object, space: space))
      } catch {
        misfits.append(error)
      }
    }
    self.trials = trials.sorted { $0.ordinal < $1.ordinal }
    self.misfits = misfits
    self.lastOrdinal = objects.compactMap(TrialObject.ordinal(of:)).max()
  }
}
