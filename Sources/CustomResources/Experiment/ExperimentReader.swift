import Kubernetes
import Tuning

/// Decodes an experiment whose trials run a real service.
struct ExperimentReader {
  let root: Field
  let inferences: [Field]
  let overrides: Overrides
  let log: ProblemLog
  var derivedText: String?

  static let fields = [
    "tunableParameters", "objective", "objectives", "algorithm", "maxNumTrials", "parallelism",
    "serviceProgressDeadline", "requestTemplate", "clientTemplate", "servicePodTemplate",
    "targetRef", "constraints", "cost", "stressTest", "samplingLimit", "regretTolerance",
  ]

  /// Nil where an error was reported.
  func read() -> ExperimentDefinition? {
    let spec = root["spec"]
    readEnvelope(spec)
    let target = TargetReader(inferences: inferences).read(spec)
    let parameters = ParameterReader(log: log).read(spec["tunableParameters"])
    if let target { checkArguments(parameters, target, spec["tunableParameters"]) }
    let space = readSpace(parameters, spec["tunableParameters"])
    let unreadable = ParameterReader.declaredNames(spec["tunableParameters"])
      .filter { name in !parameters.contains { $0.name.text == name } }
    let cost = CostReader(
      parameters: parameters, unreadable: unreadable, container: target?.container
    ).read(spec["cost"])
    let hasWrongCost = spec["cost"].exists && log.diagnostics.hasErrors
    let reader = ObjectiveReader(
      parameters: parameters, unreadable: unreadable, hasCost: cost != nil || hasWrongCost,
      metrics: reportedMetrics(spec["stressTest"]), isLive: true, log: log)
    let objectives = reader.objectives(spec, override: overrides.objective)
    let constraints = reader.constraints(spec["constraints"], overrides: overrides.bounds)
    let stressTest = StressTestReader(
      container: target?.container, requestTemplate: spec["requestTemplate"].text
    ).read(spec["stressTest"])
    if !spec["stressTest"].exists, target != nil {
      spec.warn(
        "no stressTest, so GET / is sent to port \(stressTest.port)",
        needed: "give protocol, path and body")
    }
    let parallelism = overrides.parallelism ?? spec["parallelism"].integer(in: 1...1_000) ?? 1
    let deadline = spec["serviceProgressDeadline"]
      .duration(bare: .seconds(1), atLeast: .milliseconds(1))
    guard let space else {
      LimitsReader.check(spec)
      return nil
    }
    let limits = LimitsReader(count: space.count, override: overrides.budget, log: log).read(spec)
    guard let objectives, let target, !log.diagnostics.hasErrors else { return nil }
    let writer = ConfigurationWriter(target: target, parameters: parameters)
    return ExperimentDefinition(
      metadata: root.document.metadata, space: space, objectives: objectives,
      constraints: constraints, cost: cost, limits: limits, parallelism: parallelism,
      progressDeadline: deadline ?? Self.progressDeadline, stressTest: stressTest, target: target,
      baseline: writer.configurationFound, derivedText: derivedText)
  }

  static let progressDeadline = Duration.seconds(120)

  private func reportedMetrics(_ stressTest: Field) -> [Metric] {
    let generates =
      stressTest["protocol"].value?.string
      == StressTestDefinition.RequestProtocol.openai.rawValue
    return Metric.reportedByStressTest + (generates ? Metric.reportedOfGeneration : [])
  }

  private func readEnvelope(_ spec: Field) {
    root.isMapping(of: ["apiVersion", "kind", "metadata", "spec", "status"])
    if root.document.metadata.name.isEmpty {
      root["metadata"]["name"].error("no name", needed: "give the experiment a name")
    }
    if !spec.exists { spec.error("nothing", needed: "tunableParameters are needed") }
    spec.isMapping(of: Self.fields)
    if spec["clientTemplate"].exists {
      spec["clientTemplate"].warn(
        "clientTemplate is not used", needed: "stressTest says what to send")
    }
    if spec["requestTemplate"].exists, !spec["stressTest"].exists {
      spec["requestTemplate"].warn(
        "requestTemplate is not used without stressTest",
        needed: "give stressTest with the path to send it to")
    }
    let algorithm = spec["algorithm"]
    algorithm.isMapping(of: ["algorithmName", "algorithmSettings"])
    let name = algorithm["algorithmName"].text ?? ""
    if !["", "bayesianopt", "bayesianoptimization"].contains(name.lowercased()) {
      algorithm["algorithmName"].warn(
        "algorithm \"\(name)\" is not used", needed: "the search is always Bayesian optimization")
    }
  }

  private func readSpace(_ parameters: [Parameter], _ field: Field) -> SearchSpace? {
    guard !parameters.isEmpty else {
      if !log.diagnostics.hasErrors {
        field.error("no parameters", needed: "give at least one under tunableParameters")
      }
      return nil
    }
    do {
      return try SearchSpace(parameters)
    } catch {
      field.error("\(error)", needed: nil)
      return nil
    }
  }

  /// A flag after a shell script is none of the server's.
  private func checkArguments(_ parameters: [Parameter], _ target: TunedContainer, _ field: Field) {
    let container = target.container
    let words = container.command + container.args
    let shells = ["sh", "bash", "ash", "dash", "zsh"]
    let program = words.first?.split(separator: "/").last.map(String.init) ?? ""
    guard shells.contains(program),
      words.contains(where: { $0.hasPrefix("-") && $0.hasSuffix("c") })
    else { return }
    for parameter in parameters {
      guard case .argument = parameter.target else { continue }
      field.error(
        "args parameter \"\(parameter.name)\" for a container that runs a shell script",
        needed: "use category env and let the script pass it on")
    }
  }
}

extension ExperimentDefinition {
  /// The experiment of a manifest whose trials run a real service, and every problem found. It
  /// is nil exactly when there is an error. Without a ProfilingExperiment, one is derived from
  /// the Inference.
  package static func decode(
    _ manifests: [Manifest], overrides: Overrides = Overrides()
  ) -> (definition: ExperimentDefinition?, diagnostics: Diagnostics) {
    let log = ProblemLog()
    for manifest in manifests { log.append(contentsOf: manifest.diagnostics) }
    // With a part of the text missing, every further message could mislead.
    guard !log.diagnostics.hasErrors else { return (nil, log.diagnostics) }
    let kinds = ManifestKinds(manifests.flatMap(\.documents), log: log)
    let inferences = kinds.inferences.map { InferenceReader(document: $0).read() }
    for extra in kinds.experiments.dropFirst() {
      extra.error("another ProfilingExperiment", needed: "give one at a time")
    }
    var reader: ExperimentReader?
    if let root = kinds.experiments.first {
      reader = ExperimentReader(
        root: root, inferences: kinds.inferences, overrides: overrides, log: log)
    } else if let root = kinds.inferences.first, let inference = inferences.first {
      guard kinds.inferences.count == 1 else {
        root.error(
          "\(kinds.inferences.count) Inferences and no experiment",
          needed: "give one Inference, or a ProfilingExperiment with targetRef")
        return (nil, log.diagnostics)
      }
      guard !log.diagnostics.hasErrors else { return (nil, log.diagnostics) }
      let text = DerivedExperiment(inference).text
      let derived = Manifest(text, file: "derived experiment")
      log.append(
        Problem(
          .warning, at: "derived experiment: spec.stressTest",
          found: "the requests are those of the readiness probe",
          needed: "print the experiment and say there what a real request is"))
      if let document = derived.documents.first {
        reader = ExperimentReader(
          root: Field(document, log: log), inferences: kinds.inferences, overrides: overrides,
          log: log, derivedText: text)
      }
    } else if !log.diagnostics.hasErrors {
      log.append(
        Problem(
          .error, at: manifests.first?.file ?? "input",
          found: "neither an Inference nor a ProfilingExperiment", needed: "give one or both"))
    }
    let definition = reader?.read()
    return (log.diagnostics.hasErrors ? nil : definition, log.diagnostics)
  }
}
