import ArgumentParser

/// Which cluster a command is about, and where in it.
struct ClusterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The kubeconfig (default: $KUBECONFIG, else ~/.kube/config, else the pod's own cluster).",
      valueName: "file"),
    completion: .file())
  var kubeconfig: String?

  @Option(
    help: ArgumentHelp(
      "A context of the kubeconfig (default: its current one).", valueName: "name"),
    completion: .shellCommand("kubectl config get-contexts --output name 2>/dev/null"))
  var context: String?

  @Option(
    name: [.customShort("n"), .customLong("namespace")],
    help: ArgumentHelp("The namespace (default: the context's).", valueName: "name"),
    completion: .shellCommand(
      "kubectl get namespaces --output name 2>/dev/null | cut -d/ -f2"))
  var namespace: String?

  /// Those that were given, as words of a command line.
  var words: [String] {
    [("--kubeconfig", kubeconfig), ("--context", context)]
      .flatMap { name, value in value.map { [name, $0] } ?? [] }
  }

  var isGiven: Bool { kubeconfig != nil || context != nil || namespace != nil }

  /// Names of experiments, for the shell.
  static let experiments = CompletionKind.shellCommand(
    "kubectl get profilingexperiments --output name 2>/dev/null | cut -d/ -f2")
}
