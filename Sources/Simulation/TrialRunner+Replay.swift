package import Controllers
package import CustomResources
import Tuning

extension TrialRunner {
  /// Answers from a recorded table instead of starting anything.
  package static func replaying(_ table: ProfileTable) -> TrialRunner {
    TrialRunner { _, configuration, _, _ in
      switch table[configuration] {
      case .measured(let values): .measured(Measurement(values: values))
      case .infeasible:
        .infeasible(
          Infeasibility(
            .neverReady, .starting, detail: "\(table.name) records that it could not serve"))
      case nil:
        .infeasible(
          Infeasibility(
            .notStarted, .starting, detail: "\(table.name) has no such configuration"))
      }
    }
  }
}
