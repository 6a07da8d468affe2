package import Tuning

/// The name of a container resource, and the unit in which its amounts are written.
package struct ResourceName: Hashable, Sendable {
  package let text: String
  package init(_ text: String) { self.text = text }

  /// Bytes for one unit of the resource, where its amounts are written without a suffix:
  /// Aliyun's GPU sharing counts GiB, HAMi's MiB. `nvidia.com/gpucores` counts percent, which has
  /// no bytes and passes through.
  private var bytesPerUnit: Int? {
    switch text {
    case "aliyun.com/gpu-mem": 1 << 30
    case "nvidia.com/gpumem": 1 << 20
    default: nil
    }
  }

  /// The amount as it is written into a container spec. A quantity in bytes (`8Gi`) is converted
  /// to the resource's own unit; one without a binary suffix is in that unit already. Nil where
  /// the amount is no whole number of units, and Kubernetes would refuse it.
  package func text(for quantity: Quantity) -> String? {
    let billion: Int128 = 1_000_000_000
    if let pageSize {
      return quantity.billionths % pageSize.billionths == 0 ? quantity.spelling : nil
    }
    guard isExtended else { return quantity.spelling }
    let isInBytes = Self.isInBytes(quantity)
    let unit = isInBytes ? Int128(bytesPerUnit ?? 1) * billion : billion
    let (whole, rest) = quantity.billionths.quotientAndRemainder(dividingBy: unit)
    guard rest == 0 else { return nil }
    return isInBytes && bytesPerUnit != nil ? String(whole) : quantity.spelling
  }

  /// Nobody counts units of memory by the million: `8G` is meant in bytes like `8Gi`.
  private static func isInBytes(_ quantity: Quantity) -> Bool {
    quantity.isBinary || quantity.spelling.last.map("MGTPE".contains) ?? false
  }

  /// The amount that `text` in a container spec stands for, in the form of the given levels: in
  /// bytes where they are, else in the resource's own unit.
  package func quantity(reading text: String, like levels: [Level]) -> Quantity? {
    guard let quantity = try? Quantity(text) else { return nil }
    let isInBytes = levels.contains { level in
      if case .quantity(let quantity) = level { quantity.isBinary } else { false }
    }
    guard isInBytes, !quantity.isBinary, let bytesPerUnit else { return quantity }
    return try? Quantity(text + (bytesPerUnit == 1 << 30 ? "Gi" : "Mi"))
  }

  /// Of `hugepages-2Mi`: it is given in bytes, of which Kubernetes takes whole pages alone.
  private var pageSize: Quantity? {
    guard text.hasPrefix("hugepages-") else { return nil }
    return (try? Quantity(String(text.dropFirst(10)))).flatMap { $0.billionths > 0 ? $0 : nil }
  }

  /// Resources that a vendor defines are counted in whole numbers; `cpu`, `memory` and the other
  /// resources of Kubernetes itself are not.
  private var isExtended: Bool { text.contains("/") }

  /// Whether it is memory of some kind.
  package var isMemory: Bool {
    Parameter.words(text).contains { ["memory", "mem", "gpumem"].contains($0) }
  }
}
