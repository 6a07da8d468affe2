import CustomResources
import Testing
import Tuning

@Suite struct ParameterJudgingTests {
  private static func judged(_ name: String, _ target: Parameter.Target) throws -> Parameter {
    Parameter(judging: name, domain: try Domain(integers: [1, 2, 4]), target: target)
  }

  @Test(arguments: [
    ("MAX_BATCH_SIZE", Parameter.Effect.demand, Parameter.Role.workAtOnce),
    ("--max-num-seqs", .demand, .workAtOnce),
    ("concurrentUsers", .unknown, .workAtOnce),
    ("cpu_cores", .unknown, .computing),
    ("mig_gpcs", .supply, .computing),
    ("gpu_count", .unknown, .computing),
    ("gpu_memory_gib", .supply, .unknown),
    ("batch_wait_ms", .unknown, .unknown),
    ("threshold", .unknown, .unknown),
  ])
  func `a name says what a parameter does to memory and to speed`(
    name: String, effect: Parameter.Effect, role: Parameter.Role
  ) throws {
    let parameter = try Self.judged(name, .column)
    #expect(parameter.effect == effect)
    #expect(parameter.role == role)
  }

  @Test func `so does the name of a resource`() throws {
    let cores = try Self.judged("nvidia.com/gpucores", .resource(name: "nvidia.com/gpucores"))
    #expect(cores.effect == .unknown && cores.role == .computing)
    let memory = try Self.judged("nvidia.com/gpumem", .resource(name: "nvidia.com/gpumem"))
    #expect(memory.effect == .supply && memory.role == .unknown)
  }

  @Test(arguments: [
    (["t4", "a10"], Parameter.Role.accelerator),
    (["NVIDIA-A100-SXM4-80GB", "Tesla-V100-PCIE-32GB"], .accelerator),
    (["T4", "something else", "H100"], .accelerator),
    (["L40", "L40S"], .unknown),
    (["T4", "MI300X"], .unknown),
    (["fp16", "int8"], .unknown),
  ])
  func `choices are known where they name accelerators of different speeds`(
    choices: [String], role: Parameter.Role
  ) throws {
    let parameter = Parameter(
      judging: "card", domain: try Domain(choices: choices), target: .column)
    #expect(parameter.effect == .unknown)
    #expect(parameter.role == role)
  }
}
