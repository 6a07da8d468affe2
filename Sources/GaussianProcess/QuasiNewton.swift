import Glibc

/// Maximizes a smooth function by the limited-memory BFGS method with backtracking (J. Nocedal,
/// S. J. Wright, *Numerical Optimization*, 2nd edition, algorithms 7.4 and 3.1).
package struct QuasiNewton {
  package var iterationsMax: Int
  private let memory = 8
  /// Ends when no component of the gradient is larger.
  private let gradientTolerance = 1e-4
  /// No component of the argument moves further in one step.
  private let stepMax = 1.5

  package init(iterationsMax: Int = 40) { self.iterationsMax = iterationsMax }

  package typealias Function = ([Double]) -> (value: Double, gradient: [Double])?

  /// The best argument found; `start` itself where the function has no value there.
  package func maximize(from start: [Double], _ function: Function) -> (
    argument: [Double], value: Double
  ) {
    guard var current = function(start) else { return (start, -.infinity) }
    var argument = start
    var pairs: [(s: [Double], y: [Double])] = []
    for _ in 0..<iterationsMax {
      guard current.gradient.contains(where: { abs($0) > gradientTolerance }) else { break }
      var direction = Self.direction(gradient: current.gradient, pairs)
      if Self.dot(direction, current.gradient) <= 0 {
        pairs = []
        direction = current.gradient
      }
      guard let next = step(from: argument, current, along: direction, function) else { break }
      let s = zip(next.argument, argument).map { $0 - $1 }
      let y = zip(next.gradient, current.gradient).map { $1 - $0 }
      if Self.dot(s, y) > 1e-12 { pairs = (pairs + [(s, y)]).suffix(memory) }
      let gained = next.value - current.value
      (argument, current) = (next.argument, (next.value, next.gradient))
      if gained < 1e-7 * (1 + abs(current.value)) { break }
    }
    return (argument, current.value)
  }

  /// The two-loop recursion: the inverse Hessian of −f times the gradient of f.
  private static func direction(
    gradient: [Double], _ pairs: [(s: [Double], y: [Double])]
  ) -> [Double] {
    var q = gradient
    var weights: [Double] = []
    for (s, y) in pairs.reversed() {
      let weight = dot(s, q) / dot(s, y)
      weights.append(weight)
      for i in q.indices { q[i] -= weight * y[i] }
    }
    if let (s, y) = pairs.last {
      let scale = dot(s, y) / dot(y, y)
      for i in q.indices { q[i] *= scale }
    }
    for ((s, y), weight) in zip(pairs, weights.reversed()) {
      let correction = weight - dot(y, q) / dot(s, y)
      for i in q.indices { q[i] += correction * s[i] }
    }
    return q
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
      length /= 2
    }
    return nil
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
