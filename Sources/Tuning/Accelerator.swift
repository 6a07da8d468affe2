/// A type of GPU, as far as its data sheet tells how fast it is.
package struct Accelerator: Hashable, Sendable {
  /// As its maker writes it.
  package let name: String
  /// At which its memory is read.
  package let memoryBandwidth: ByteRate

  /// The one that a text names, such as `NVIDIA-A100-SXM4-80GB`, `T4` or `nvidia-tesla-v100`; nil for an
  /// unknown one.
  package init?(namedIn text: String) {
    let words = text.split { !$0.isLetter && !$0.isNumber }
    guard let name = words.lazy.map({ $0.uppercased() }).first(where: { Self.known[$0] != nil }),
      let gigabytes = Self.known[name]
    else { return nil }
    self.name = name
    memoryBandwidth = ByteRate(perSecond: gigabytes * 1e9)
  }

  /// GB/s by NVIDIA's data sheets; of several variants the one with the most memory. The cards of others
  /// are left out: how fast they serve depends more on the software than on the card (in recorded tables of
  /// six models it hardly goes with their bandwidth).
  private static let known: [String: Double] = [
    "K80": 240, "M60": 160, "P4": 192, "P40": 346, "P100": 732, "V100": 900, "V100S": 1_134,
    "T4": 320, "T4G": 320, "A2": 200, "A10": 600, "A10G": 600, "A16": 200, "A30": 933, "A40": 696,
    "A100": 1_935, "A4000": 448, "A5000": 768, "A6000": 768, "L4": 300, "L40": 864, "L40S": 864,
    "H100": 3_350, "H200": 4_800, "GH200": 4_000, "B200": 8_000,
  ]
}
