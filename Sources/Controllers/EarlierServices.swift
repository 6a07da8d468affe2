import BayesianOptimization
import CustomResources
package import Tuning

/// Makes what a warm start takes over from tables of earlier services.
package enum EarlierServices {
  /// One for each service in the tables that has something to say of the space; a table with other
  /// parameters has nothing.
  package static func read(
    _ tables: [(name: String, csv: String)], over space: SearchSpace
  ) -> [EarlierService] {
    tables.flatMap { EarlierTrials.read(csv: $0.csv, name: $0.name, over: space) }
      .compactMap { EarlierService(name: $0.name, trials: $0.trials, over: space) }
  }
}
