/// The name of a parameter, unique within its search space.
package struct ParameterName: Hashable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  package let text: String
  package init(_ text: String) { self.text = text }
  package init(stringLiteral text: String) { self.text = text }
  package var description: String { text }
}

/// A thing that may be set: its name, the values it may take, and where the value goes.
package struct Parameter: Hashable, Sendable {
  /// Where a level is written in the container spec.
  package enum Target: Hashable, Sendable {
    /// A resource of the container, such as `cpu` or `nvidia.com/gpumem`: request and limit.
    case resource(name: String)
    /// An environment variable of the container.
    case environment(name: String)
    /// A command-line argument of the container: `flag=level`, or the level alone without a flag.
    case argument(flag: String?)
    /// The predictor's `batching.batchSize`, and an environment variable that brings it to the
    /// server.
    case batching(environment: String)
    /// A column of a recorded table; there is no container to write to.
    case column
  }

  /// Which way a parameter moves the need for, or the supply of, memory, where that is known.
  package enum Effect: String, Hashable, Sendable {
    /// More of it can only help a candidate to start: memory, GPU memory.
    case supply
    /// More of it can only make starting harder: batch size, instances, workers.
    case demand
    /// Not known beforehand.
    case unknown
  }

  /// What a parameter is to the speed of a server, where that is known.
  package enum Role: String, Hashable, Sendable {
    /// How much is worked on at once: more of it brings higher rates, and longer times.
    case workAtOnce
    /// What the work is done with: more of it brings higher rates, and shorter times.
    case computing
    /// Which type of GPU the work is done on: faster ones bring higher rates, and shorter times.
    case accelerator
    /// Not known beforehand.
    case unknown
  }

  package let name: ParameterName
  package let domain: Domain
  package let target: Target
  package let effect: Effect
  package let role: Role

  package init(
    name: ParameterName, domain: Domain, target: Target, effect: Effect = .unknown,
    role: Role = .unknown
  ) {
    self.name = name
    self.domain = domain
    self.target = target
    self.effect = effect
    self.role = role
  }
}
