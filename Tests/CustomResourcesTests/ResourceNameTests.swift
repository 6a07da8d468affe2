import CustomResources
import Testing
import Tuning

@Suite struct ResourceNameTests {
  @Test(arguments: [
    ("aliyun.com/gpu-mem", "8Gi", "8"), ("aliyun.com/gpu-mem", "8", "8"),
    ("aliyun.com/gpu-mem", "8192Mi", "8"), ("nvidia.com/gpumem", "8Gi", "8192"),
    ("nvidia.com/gpumem", "8192", "8192"), ("nvidia.com/gpumem", "512Mi", "512"),
    ("nvidia.com/gpucores", "30", "30"), ("cpu", "500m", "500m"), ("memory", "1024Mi", "1024Mi"),
    ("nvidia.com/gpu", "1", "1"), ("nvidia.com/mig-1g.5gb", "2", "2"),
    ("example.com/fpga", "2", "2"), ("hugepages-2Mi", "64Mi", "64Mi"),
    ("hugepages-1Gi", "2048Mi", "2048Mi"),
  ])
  func `amounts are written in the resource's own unit`(name: String, level: String, text: String)
    throws
  {
    #expect(ResourceName(name).text(for: try Quantity(level)) == text)
  }

  @Test(arguments: [
    ("aliyun.com/gpu-mem", "8G"), ("nvidia.com/gpumem", "8G"), ("aliyun.com/gpu-mem", "8704Mi"),
    ("nvidia.com/gpumem", "512Ki"), ("nvidia.com/gpu", "500m"),
    ("hugepages-2Mi", "3Mi"), ("hugepages-1Gi", "1G"),
  ])
  func `a part of a unit can't be written`(name: String, level: String) throws {
    #expect(ResourceName(name).text(for: try Quantity(level)) == nil)
  }

  /// The law of the two conversions between text and amount.
  @Test(arguments: ["aliyun.com/gpu-mem", "nvidia.com/gpumem", "cpu", "memory", "nvidia.com/gpu"])
  func `text to quantity to text changes nothing`(name: String) throws {
    let resource = ResourceName(name)
    for levels in [["1Gi", "2Gi", "24Gi"], ["1", "3", "40"], ["1024Mi", "16384Mi"]] {
      let quantities = try levels.map { text throws(QuantityError) in try Quantity(text) }
      for quantity in quantities {
        guard let text = resource.text(for: quantity) else { continue }
        let read = resource.quantity(reading: text, like: quantities.map(Level.quantity))
        #expect(read == quantity)
        #expect(read.flatMap(resource.text(for:)) == text)
      }
    }
  }
}
