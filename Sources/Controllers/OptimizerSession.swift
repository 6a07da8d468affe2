import BayesianOptimization
package import CustomResources
package import Kubernetes
import Tuning

/// The optimizer as a filter: a line in, a line out. After an error the state is what it was.
package struct OptimizerSession {
  private var problem: AskTellProblem?
  private var study: Study?
  private let version: String
  private let files: AskTellFiles

  /// - Parameters:
  ///   - version: of the program, for the first answer.
  ///   - files: that messages may name.
  package init(version: String, files: AskTellFiles) {
    self.version = version
    self.files = files
  }

  /// Answers one line.
  package mutating func reply(to line: some Sequence<UInt8>) -> JSONValue {
    do {
      return try answer(try AskTellMessage(line))
    } catch {
      return AskTellReply.error(error)
    }
  }

  private mutating func answer(_ message: AskTellMessage) throws(AskTellError) -> JSONValue {
    if case .initialize(let body) = message {
      let problem = try AskTellReader(body, files: files).problem()
      var study = problem.study
      if let directory = problem.priorPath {
        study.earlier = EarlierServices.read(try files.tables(directory), over: study.space)
      }
      (self.problem, self.study) = (problem, study)
      return AskTellReply.ready(version: version)
    }
    guard let problem, var study else {
      throw AskTellError("line", found: "a message before init", needed: "init comes first")
    }
    switch message {
    case .initialize: return AskTellReply.told
    case .ask(let count):
      let proposals = StudyModel(study).proposals(count)
      for configuration in proposals {
        study.trials.append(Trial(ordinal: study.trials.count, configuration: configuration))
      }
      self.study = study
      return AskTellReply.configurations(proposals, of: problem)
    case .tell(let observations):
      for (index, json) in observations.enumerated() {
        study.note(try AskTellObservation(json, of: problem, index: index))
      }
      self.study = study
      return AskTellReply.told
    case .recommend:
      return AskTellReply.conclusion(StudyModel(study).conclusion(), of: problem)
    }
  }
}

extension Study {
  /// Completes the pending trial of the observed configuration, or adds a trial that nobody asked
  /// for: another look at a configuration is a replicate.
  fileprivate mutating func note(_ observation: AskTellObservation) {
    let pending = trials.firstIndex {
      $0.isPending && $0.configuration == observation.configuration
    }
    if let pending {
      trials[pending].outcome = observation.outcome
    } else {
      trials.append(
        Trial(
          ordinal: trials.count, configuration: observation.configuration,
          outcome: observation.outcome))
    }
  }
}
