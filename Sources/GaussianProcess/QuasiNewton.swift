import Glibc

/// Maximizes a smooth function by the BFGS method with backtracking (J. Nocedal, S. J. Wright,
/// *Numerical Optimization*, 2nd edition, algorithms 6.1 and 3.1).
package struct QuasiNewton {
  package var iterationsMax: Int
  /// Ends when a step gains less, or no component of the gradient, times its scale, is larger than
  /// the root of this.
  package var gainMin: Double
  /// No component of the argument moves further in one step.
  private let stepMax = 1.5

  package init(iterationsMax: Int = 40, gainMin: Double = 1e-7) {
    self.iterationsMax = iterationsMax
    self.gainMin = gainMin
  }

  package typealias Function = ([Double]) -> (value: Double, gradient: [Double])?

  /// The best argument found; `start` itself where the function has no value there.
  ///
  /// - Parameter scales: how far each component may well be from the top: the first guess of the
  ///   inverse Hessian has their squares on its diagonal. All 1 by default.
  package func maximize(
    from start: [Double], scales: [Double]? = nil, _ function: Function
  ) -> (argument: [Double], value: Double) {
    guard var current = function(start) else { return (start, -.infinity) }
    var argument = start
    let scales = scales ?? [Double](repeating: 1, count: start.count)
    var inverse = InverseHessian(scales)
    for _ in 0..<iterationsMax {
      let largest = zip(current.gradient, scales).reduce(0) { max($0, abs($1.0 * $1.1)) }
      guard largest > gainMin.squareRoot() else { break }
      var direction = inverse.times(current.gradient)
      if Self.dot(direction, current.gradient) <= 0 {
        inverse = InverseHessian(scales)
        direction = inverse.times(current.gradient)
      }
      guard let next = step(from: argument, current, along: direction, function) else { break }
      inverse.update(
        step: zip(next.argument, argument).map { $0 - $1 },
        gradientChange: zip(next.gradient, current.gradient).map { $1 - $0 })
      let gained = next.value - current.value
      (argument, current) = (next.argument, (next.value, next.gradient))
      if gained < gainMin * (1 + abs(current.value)) { break }
    }
    return (argument, current.value)
  }

  private func step(
    from argument: [Double], _ current: (value: Double, gradient: [Double]),
    along direction: [Double], _ function: Function
  ) -> (argument: [Double], value: Double, gradient: [Double])? {
    let longest = direction.reduce(0) { max($0, abs($1)) }
    var length = min(1, stepMax / max(longest, 1e-300))
    let slope = Self.dot(direction, current.gradient)
    for _ in 0..<25 {
      let candidate = zip(argument, direction).map { $0 + length * $1 }
      if let next = function(candidate), next.value >= current.value + 1e-4 * length * slope {
        return (candidate, next.value, next.gradient)
      }
      length /= 3
    }
    return nil
  }

  fileprivate static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

/// The inverse Hessian of −f as far as it is known from the gradients seen.
private struct InverseHessian {
  private let count: Int
  private var entries: [Double]
  private var isFirst = true

  init(_ scales: [Double]) {
    count = scales.count
    entries = [Double](repeating: 0, count: count * count)
    for i in 0..<count { entries[i * count + i] = scales[i] * scales[i] }
  }

  func times(_ vector: [Double]) -> [Double] {
    (0..<count).map { i in
      (0..<count).reduce(0) { $0 + entries[i * count + $1] * vector[$1] }
    }
  }

  /// Equation 6.17 there; nothing is learned where the curvature is of the wrong sign.
  mutating func update(step s: [Double], gradientChange y: [Double]) {
    let curvature = QuasiNewton.dot(s, y)
    guard curvature > 1e-12 else { return }
    let hy = times(y)
    let bend = QuasiNewton.dot(y, hy)
    if isFirst {
      // Equation 6.20: the first guess is brought to the size of what was seen.
      let size = curvature / max(bend, 1e-300)
      isFirst = false
      if size < 1 {
        entries = entries.map { $0 * size }
        update(step: s, gradientChange: y)
        return
      }
    }
    let factor = (1 + bend / curvature) / curvature
    for i in 0..<count {
      for j in 0..<count {
        entries[i * count + j] +=
          factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature
      }
    }
  }
}
