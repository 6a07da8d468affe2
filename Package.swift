// swift-tools-version: 6.2
import PackageDescription

// Every target compiles in Swift 6 mode; imports are internal unless said otherwise, and a
// member is visible only where its module is imported, so that the arrows drawn in
// ARCHITECTURE.md are the arrows that the compiler sees.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target of the product: its name, and the targets and packages it may import.
func module(_ name: String, imports: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

/// Tests themselves aren't optimized, what they test is: compiling them would take four times as long.
func tests(
  _ name: String, of imports: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: imports, exclude: exclude, resources: resources,
    swiftSettings: settings + [.unsafeFlags(["-Onone"])])
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let flyingSocks = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")
let flyingFox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")

let package = Package(
  name: "morphling",
  products: [.executable(name: "morphling", targets: ["morphling"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // Layer 0: C libraries and vocabularies.
    .systemLibrary(
      name: "CLAPACK", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev", "libopenblas-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    module("Tuning", imports: []),
    module("Kubernetes", imports: []),

    // Layer 1: each knows one thing.
    module("GaussianProcess", imports: ["CLAPACK", "COpenBLAS"]),
    module("StressTest", imports: ["Tuning"]),
    module("CustomResources", imports: ["Tuning", "Kubernetes", yams]),
    module("Reporting", imports: ["Tuning", mustache]),

    // Layer 2: decisions.
    module("PerformanceCurves", imports: ["Tuning"]),
    module("QueueSimulation", imports: ["Tuning", "StressTest"]),
    module("BayesianOptimization", imports: ["Tuning", "GaussianProcess"]),

    // Layer 3: the loop, and the outside world.
    module(
      "Controllers",
      imports: ["Tuning", "BayesianOptimization", "CustomResources", "Kubernetes", "StressTest"]),
    module(
      "Transport", imports: ["CCurl", "CNGHTTP2", "COpenSSL", "Kubernetes", "Tuning", "StressTest"]),

    // Layer 4: services in memory.
    module("Simulation", imports: ["Controllers", "CustomResources", "Kubernetes", "Tuning"]),

    // Layer 5: the program.
    .executableTarget(
      name: "morphling",
      dependencies: [
        "Tuning", "Kubernetes", "StressTest", "CustomResources", "Reporting", "PerformanceCurves",
        "BayesianOptimization", "Controllers", "Transport", "Simulation", argumentParser, flyingFox,
        flyingSocks, logging, lifecycle, signals,
      ],
      swiftSettings: settings),
    // Tests, a suite for each target.
    tests("TuningTests", of: ["Tuning"]),
    tests("GaussianProcessTests", of: ["GaussianProcess"], exclude: ["reference.py"]),
    tests("BayesianOptimizationTests", of: ["BayesianOptimization", "GaussianProcess", "Tuning"]),
    tests("StressTestTests", of: ["QueueSimulation", "StressTest", "Tuning"]),
    tests("PerformanceCurvesTests", of: ["PerformanceCurves", "Tuning"]),
    tests("ReportingTests", of: ["Reporting", "Tuning"], exclude: ["Goldens"]),
    tests("KubernetesTests", of: ["Kubernetes", "Simulation"]),
    tests(
      "CustomResourcesTests", of: ["CustomResources", "Kubernetes", "Tuning"],
      resources: [.copy("Goldens")]),
    tests(
      "TransportTests", of: ["Transport", "Kubernetes", "StressTest", "Tuning"],
      resources: [
        .copy("server.py"), .copy("inference.py"), .copy("localhost.pem"), .copy("expired.pem"),
      ]),
    tests(
      "ClusterTests",
      of: ["Controllers", "CustomResources", "Kubernetes", "Simulation", "Transport", "Tuning"]),
    tests(
      "ProgramTests", of: ["morphling", "CustomResources", "Kubernetes", "Transport", "Tuning"],
      exclude: ["stand-in.py"]),
    tests(
      "ControllersTests",
      of: [
        "BayesianOptimization", "Controllers", "CustomResources", "Kubernetes", "Simulation",
        "StressTest", "Tuning",
      ]),
    tests("RepositoryTests", of: ["CustomResources", "Tuning"]),

    .executableTarget(
      name: "search-benchmark",
      dependencies: [
        "Tuning", "BayesianOptimization", "CustomResources", "GaussianProcess", "Kubernetes",
        argumentParser,
      ],
      path: "Benchmarks/Search", swiftSettings: settings),
    .executableTarget(
      name: "statistics-benchmark",
      dependencies: ["QueueSimulation", "StressTest", "Transport", "Tuning", argumentParser],
      path: "Benchmarks/Statistics", swiftSettings: settings),
    .executableTarget(
      name: "load-benchmark",
      dependencies: ["StressTest", "Transport", "Tuning", argumentParser],
      path: "Benchmarks/Load", swiftSettings: settings),
  ]
)
