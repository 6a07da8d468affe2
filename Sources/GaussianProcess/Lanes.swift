/// Numbers that are worked on side by side. A loop over single ones isn't made so by the compiler where
/// there are square roots, which may have to tell of an error.
package typealias Lanes = SIMD4<Double>

extension Lanes {
  @inline(__always)
  init(at source: UnsafePointer<Double>) {
    self = UnsafeRawPointer(source).loadUnaligned(as: Self.self)
  }

  @inline(__always)
  func store(at target: UnsafeMutablePointer<Double>) {
    UnsafeMutableRawPointer(target).storeBytes(of: self, as: Self.self)
  }

  /// The `count` numbers from `source` on, fewer than there are lanes, and zeros.
  init(_ count: Int, at source: UnsafePointer<Double>) {
    self = .zero
    for lane in 0..<count { self[lane] = source[lane] }
  }

  /// Writes the first `count` numbers.
  func store(_ count: Int, at target: UnsafeMutablePointer<Double>) {
    for lane in 0..<count { target[lane] = self[lane] }
  }
}
