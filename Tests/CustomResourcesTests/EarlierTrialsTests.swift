import CustomResources
import Testing
import Tuning

@Suite struct EarlierTrialsTests {
  private static func space() throws -> SearchSpace {
    try SearchSpace([
      Parameter(
        name: "batch", domain: try Domain(integers: [1, 8, 64]), target: .column),
      Parameter(name: "gpu", domain: try Domain(choices: ["t4", "a100"]), target: .column),
    ])
  }

  @Test func `a table is read service by service, levels between the listed ones too`() throws {
    let csv = """
      service,gpu,batch,throughput_rps,note,feasible
      chat,t4,4,120.5,fine,1
      vision,a100,64,900,,1
      chat,a100,64,,too large,0
      chat,h100,8,500,,1
      """
    let read = EarlierTrials.read(csv: csv, name: "x.csv", over: try Self.space())
    #expect(read.map(\.name) == ["x.csv#chat", "x.csv#vision"])
    let chat = try #require(read.first?.trials)
    #expect(chat.count == 2)
    #expect(chat[0].configuration["batch"] == .integer(4))
    #expect(chat[0].measurement?.values == [.throughput: 120.5])
    #expect(chat[1].measurement == nil)
  }

  @Test func `a table without a parameter's column is of something else`() throws {
    let read = EarlierTrials.read(
      csv: "batch,throughput_rps\n8,100\n", name: "x.csv", over: try Self.space())
    #expect(read.isEmpty)
    #expect(EarlierTrials.read(csv: "", name: "x.csv", over: try Self.space()).isEmpty)
  }
}
