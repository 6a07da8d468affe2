import Testing
import Tuning

@Suite struct QuantityTests {
  @Test(
    arguments: [
      ("0", 0), ("1", 1), ("500m", 0.5), ("1.5", 1.5), (".5", 0.5), ("2k", 2_000), ("1e3", 1_000),
      ("1E3", 1_000), ("2E", 2e18), ("1Ki", 1_024), ("8Gi", 8_589_934_592),
      ("1.5Gi", 1_610_612_736),
      ("100n", 1e-7), ("3e-3", 0.003),
    ] as [(String, Double)])
  func `an amount is read as Kubernetes means it`(text: String, amount: Double) throws {
    #expect(try Quantity(text).amount == amount)
  }

  @Test(
    arguments: [
      "", "8GB", "8gi", "Gi", "-1", "1.2.3", "1 Gi", "0x10", "1e", "1e99", "10E", "1.0000000001",
      "١", ".", "1e-19", "NaN", "99999999999999999999999999999999999999999",
    ])
  func `what is no quantity is refused with an example`(text: String) {
    #expect(throws: QuantityError(text: text)) { try Quantity(text) }
    #expect(
      QuantityError(text: text).description
        == "\"\(text)\" is not a quantity; write it like 8Gi or 500m")
  }

  @Test func `it keeps its spelling and compares by amount`() throws {
    let (mebi, gibi) = (try Quantity("1024Mi"), try Quantity("1Gi"))
    #expect(mebi == gibi)
    #expect(mebi.hashValue == gibi.hashValue)
    #expect(mebi.spelling == "1024Mi")
    #expect(try Quantity("500m") < Quantity("0.51"))
  }

  @Test func `text survives the trip through a quantity`() throws {
    for text in ["500m", "1", "8Gi", "1536Mi", "1e3", "0.1"] {
      #expect(try Quantity(Quantity(text).description).spelling == text)
    }
  }

  @Test func `bytes are rounded up`() throws {
    #expect(try Quantity("1.0001").bytes == ByteCount(2))
    #expect(try Quantity("1Gi").bytes.gibibytes == 1)
  }
}
