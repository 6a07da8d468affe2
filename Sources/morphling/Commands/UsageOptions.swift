import ArgumentParser

/// Where `morphling stress` may ask what a server in a cluster uses meanwhile.
struct UsageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A Prometheus that knows the kubelets' figures, and those of the DCGM exporter where there are "
        + "GPUs.", valueName: "url"))
  var prometheus: String?

  @Option(
    help: ArgumentHelp(
      "Of what, as it knows them; the pods as a regular expression.",
      valueName: "namespace/pods/container"))
  var usageOf: String?

  var isEmpty: Bool { prometheus == nil && usageOf == nil }
}
