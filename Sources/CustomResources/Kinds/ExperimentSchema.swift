import Kubernetes
import Tuning

/// What a `ProfilingExperiment` may say: the fields that `ExperimentReader` reads, and as much of
/// what it checks as a schema can hold. Upstream's manifests fit.
struct ExperimentSchema {
  let version: ServerVersion

  var spec: Schema {
    // The reader's list decides what there is.
    Schema.object(
      ExperimentReader.fields.map { ($0, fields[$0] ?? .anything) },
      required: ["tunableParameters"]
    )
    .requiringAny(of: [["targetRef"], ["servicePodTemplate"]])
    .ruled(
      version,
      [
        "has(self.targetRef) == has(oldSelf.targetRef)":
          "targetRef can't come or go; make another experiment",
        "!(has(self.objective) && has(self.objectives))":
          "objective and objectives can't both be there; give one of them",
      ])
  }

  private var fields: [String: Schema] {
    [
      "targetRef": target, "tunableParameters": tunableParameters, "objective": objective,
      "objectives": Schema.list(
        of: objective, from: ObjectiveReader.objectiveCounts.lowerBound,
        to: ObjectiveReader.objectiveCounts.upperBound
      ).described("Instead of objective, where several count: a front is looked for."),
      "constraints": constraints, "cost": cost, "stressTest": Self.stressTest,
      "algorithm": Schema.object([
        "algorithmName": .text,
        "algorithmSettings": .list(of: .object(["name": .text, "value": .text])),
      ]).described("Read for compatibility; the search is always Bayesian optimization."),
      "samplingLimit": .scalar(pattern: SchemaPattern.share, from: 0, to: 1)
        .defaulting(to: .string(LimitsReader.samplingLimitText))
        .described("Trials at most, as a share of the space."),
      "maxNumTrials": .integer(from: 1)
        .described("Trials at most; the smaller of this and samplingLimit counts."),
      "regretTolerance": .scalar(pattern: SchemaPattern.share, from: 0, to: 1)
        .defaulting(to: .string(LimitsReader.regretToleranceText))
        .described(
          "End when, with 90 % credibility, no configuration is better by more than this."),
      "parallelism": .integer(from: 1, to: 1_000).defaulting(to: 1)
        .described("Trials side by side."),
      "serviceProgressDeadline": .scalar(pattern: SchemaPattern.duration, from: 1)
        .defaulting(to: .integer(Int(ExperimentReader.progressDeadline.seconds)))
        .described("Until a candidate must be ready; a bare number counts in seconds."),
      "requestTemplate": Schema.text.described("The body, where stressTest gives none."),
      "servicePodTemplate": Schema.anyObject
        .described("Upstream's form: the pod template stands in the experiment."),
      "clientTemplate": Schema.anyObject.described("Upstream's load generator; not used."),
    ]
  }

  private var target: Schema {
    Schema.object(
      [
        "apiVersion": .text, "kind": .word(["Inference"]).defaulting(to: "Inference"),
        "name": .text(from: 1, to: 253), "predictor": .text(to: 253), "container": .text(to: 63),
      ], required: ["name"]
    )
    .described("The Inference to tune; parts of which there is only one may be left out.")
    .immutable(version, message: "targetRef can't change; make another experiment")
  }

  private var tunableParameters: Schema {
    let space = Schema.object([
      "list": .list(of: .scalar(), from: 1, to: Domain.levelsMax),
      "min": .scalar(pattern: SchemaPattern.quantity, from: 0),
      "max": .scalar(pattern: SchemaPattern.quantity, from: 0),
      "step": .scalar(pattern: SchemaPattern.quantity, from: 0),
    ]).requiringAny(of: [["list"], ["min", "max"]])
    let parameter = Schema.object(
      [
        "name": .text(from: 1, to: 253),
        "parameterType": .word(DomainReader.ParameterType.self),
        "feasibleSpace": space,
        "scale": Schema.word(["linear", "log", "logarithmic"])
          .described("By default what suits the levels."),
      ], required: ["name", "parameterType", "feasibleSpace"]
    )
    .with("anyOf", Self.listUnlessRange)
    let group = Schema.object(
      [
        "category": .word(ParameterReader.Category.self),
        "parameters": Schema.list(of: parameter, from: 1, to: 64).ruled(
          version,
          [
            "self.all(one, self.exists_one(other, other.name == one.name))":
              "a name is there twice; give each parameter once"
          ]),
      ], required: ["category", "parameters"])
    return Schema.list(of: group, from: 1, to: 16)
      .described("The search space: every combination of these.")
  }

  /// A range is for numbers; all else needs a list.
  private static let listUnlessRange: JSONValue = [
    ["properties": ["feasibleSpace": ["required": ["list"]]]],
    ["properties": ["parameterType": ["enum": ["int", "double"]]]],
  ]

  private var objective: Schema {
    Schema.object([
      "type": .word(Objective.Direction.self).defaulting(to: "maximize"),
      "objectiveMetricName": Schema.text(from: 1, to: 1_024).described(
        "Arithmetic over metrics, cost and parameters, such as throughput_rps / cost."),
    ])
  }

  private var constraints: Schema {
    Schema.list(
      of: .object(
        [
          "metricName": .text(from: 1, to: 253),
          "max": .scalar(pattern: SchemaPattern.bound, from: 0),
        ], required: ["metricName", "max"]), to: 32
    ).described("Upper bounds on metrics, such as 100ms for latency_p99_ms.")
  }

  private var cost: Schema {
    let price = Schema.scalar(pattern: SchemaPattern.decimal, from: 0)
    return Schema.list(
      of: .object([
        "resource": .text(from: 1, to: 253), "parameter": .text(from: 1, to: 253),
        "pricePerHour": price, "per": .scalar(pattern: SchemaPattern.quantity),
        "prices": .mapping(of: price), "base": price,
      ]).requiringAny(of: [["resource"], ["parameter"], ["base"]]), to: 64
    ).described("Prices per hour.")
  }

  private static let stressTest = Schema.object(
    StressTestReader.fields.map { ($0, stressTestFields[$0] ?? .anything) }
  ).described("What one request is, and how load is made of it.")

  private static let stressTestFields: [String: Schema] = [
    "protocol": .word(StressTestDefinition.RequestProtocol.self).defaulting(to: "http"),
    "port": Schema.integerOrText.described("A number, or the name of a port of the container."),
    "path": .text(pattern: "^/[^ ]*$"),
    "method": .word(StressTestReader.methods),
    "headers": .mapping(of: .scalar()),
    "body": Schema.anything.described("Text, or YAML that is sent as JSON."),
    "bodyFile": Schema.text.described("A file beside the manifest; not in a cluster."),
    "expect": Schema.text.described("A text that every right answer contains."),
    "arrival": .word(StressTestDefinition.ArrivalModel.self).defaulting(to: "poisson"),
    "warmUp": .scalar(pattern: SchemaPattern.duration, from: 0),
    "stepDuration": .scalar(pattern: SchemaPattern.duration, from: 0),
    "rateMin": .scalar(pattern: SchemaPattern.decimal, from: 0),
    "rateMax": .scalar(pattern: SchemaPattern.decimal, from: 0),
    "timeout": .scalar(pattern: SchemaPattern.duration, from: 0),
  ]
}

/// What texts must look like, for schemas: a little wider than what the readers take, never
/// narrower.
enum SchemaPattern {
  static let decimal = "^[+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
  static let quantity =
    "^([0-9]+[.]?[0-9]*|[.][0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?$"
  static let duration = "^([0-9]+[.]?[0-9]*|[.][0-9]+)(ns|us|µs|ms|s|m|h)?$"
  static let share = "^([0-9]+[.]?[0-9]*|[.][0-9]+)([eE]-?[0-9]+)? *%?$"
  static let bound = "^([0-9]+[.]?[0-9]*|[.][0-9]+)([A-Za-zµ]{0,2}|[eE][+-]?[0-9]+| *%)$"
}
