import CustomResources
import Testing
import Tuning

@Suite struct ProfileTableTests {
  static let csv = """
    gpu,batch_size,share,throughput_rps,latency_ms,note,feasible
    T4,1,0.5,10,5,"a, b",1
    T4,8,0.5,40,9,x,1
    V100,1,1,30,2,,1
    V100,64,1,,,,0

    """
  static let sidecar = #"{"name": "toy", "knobs": ["gpu", "batch_size", "share"]}"#

  static func read(
    _ csv: String = csv, _ sidecar: String = sidecar, service: String? = nil
  ) -> (table: ProfileTable?, diagnostics: Diagnostics) {
    ProfileTable.read(
      csv: (csv, "toy.csv"), sidecar: (sidecar, "toy.json"), service: service)
  }

  @Test func `a table is a ragged space and its measurements`() throws {
    let table = try #require(Self.read().table)
    #expect(table.name == "toy")
    #expect(table.space.count == 4)
    #expect(table.space.parameters.map(\.domain.kind) == [.choices, .integers, .numbers])
    #expect(table.space.parameters.map(\.target) == [.column, .column, .column])
    #expect(table.space["batch_size"]?.effect == .demand)
    #expect(table.metrics == ["throughput_rps", "latency_ms"])
    let second = table.space.configuration(at: 1)
    #expect(second.description == "gpu=T4 batch_size=8 share=0.5")
    #expect(table[second] == .measured(["throughput_rps": 40, "latency_ms": 9]))
    #expect(table[table.space.configuration(at: 3)] == .infeasible)
    #expect(table[Configuration([])] == nil)
  }

  @Test func `an experiment over a table needs no manifest`() throws {
    let table = try #require(Self.read().table)
    let overrides = Overrides(
      bounds: [try .init("latency_ms=6ms")], budget: try Budget("3"),
      objective: try Overrides.objective("throughput_rps / batch_size"))
    let (decoded, diagnostics) = ExperimentDefinition.decode(
      [], replaying: table, overrides: overrides)
    #expect(diagnostics.description == "")
    let definition = try #require(decoded)
    #expect(definition.name == "toy")
    #expect(definition.target == nil)
    #expect(definition.limits.trialsMax == 3)
    #expect(
      definition.constraints == [
        Constraint(metric: "latency_ms", maximum: 6, isHeldByStressTest: false)
      ])
  }

  @Test func `an experiment narrows the table to the levels that it lists`() throws {
    let table = try #require(Self.read().table)
    let text = """
      apiVersion: morphling.kubedl.io/v1alpha1
      kind: ProfilingExperiment
      metadata: {name: narrow}
      spec:
        cost: [{parameter: gpu, prices: {T4: 0.4}}]
        tunableParameters:
          - category: env
            parameters:
              - {name: gpu, parameterType: categorical, feasibleSpace: {list: [T4]}}
      """
    let (decoded, diagnostics) = ExperimentDefinition.decode(
      [Manifest(text, file: "e.yaml")], replaying: table)
    #expect(diagnostics.errors.isEmpty)
    let definition = try #require(decoded)
    #expect(definition.space.count == 2)
    #expect(definition.objective.description == "maximize throughput_rps / cost")
    for index in 0..<2 {
      #expect(table[definition.space.configuration(at: index)] != nil)
    }
  }

  static let mistakes: [(name: String, csv: String, sidecar: String, service: String?)] = [
    ("no knobs", csv, "{}", nil),
    ("no such knob", csv, #"{"knobs": ["gpu_type"]}"#, nil),
    ("knobs are a text", csv, #"{"knobs": "gpu"}"#, nil),
    ("sidecar is no JSON", csv, "{", nil),
    ("sidecar is empty", csv, "", nil),
    ("table is empty", "", sidecar, nil),
    ("header only", "gpu,batch_size,share,throughput_rps\n", sidecar, nil),
    ("a column twice", "gpu,gpu\na,b\n", #"{"knobs": ["gpu"]}"#, nil),
    ("a short row", csv + "T4,2\n", sidecar, nil),
    ("a row twice", csv + "T4,1,0.50,11,5,,1\n", sidecar, nil),
    ("no number", csv + "T4,2,0.5,fast,5,,1\n", sidecar, nil),
    ("neither feasible nor not", csv + "T4,2,0.5,1,5,,yes\n", sidecar, nil),
    ("no metric in a row", csv + "T4,2,0.5,,,,1\n", sidecar, nil),
    ("no value of a knob", csv + ",2,0.5,1,5,,1\n", sidecar, nil),
    ("no metrics at all", "gpu\nT4\n", #"{"knobs": ["gpu"]}"#, nil),
    ("a service that isn't there", csv, sidecar, "bert"),
    ("services and no choice", services, #"{"knobs": ["service", "batch"]}"#, nil),
    ("an unknown service", services, #"{"knobs": ["service", "batch"]}"#, "bart"),
  ]

  static let services = "service,batch,throughput_rps\nbert,1,5\nvit,1,6\nvit,2,7\n"

  @Test func `every mistake in a table gets its message`() throws {
    var text = ""
    for mistake in Self.mistakes {
      let (table, diagnostics) = Self.read(
        mistake.csv, mistake.sidecar, service: mistake.service)
      #expect(table == nil && diagnostics.hasErrors, "\(mistake.name)")
      text += "# \(mistake.name)\n\(diagnostics)\n\n"
    }
    try expectGolden(text, "bad-tables.txt")
  }

  @Test func `a service of a table is a problem of its own`() throws {
    let reference = ProfileReference("runs/two.csv#vit")
    #expect(reference.csvPath == "runs/two.csv")
    #expect(reference.sidecarPath == "runs/two.json")
    let table = try #require(
      Self.read(Self.services, #"{"knobs": ["service", "batch"]}"#, service: reference.service)
        .table)
    #expect(table.space.count == 2)
    #expect(table.space.parameters.map(\.name) == ["batch"])
    #expect(table.name == "toy#vit")
  }
}
