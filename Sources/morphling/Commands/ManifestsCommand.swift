import ArgumentParser
import CustomResources
import Kubernetes

/// `morphling manifests`
struct ManifestsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifests",
    abstract: "Print what a cluster needs: kinds, roles, settings and the daemon.",
    discussion: """
      Prints Kubernetes objects as YAML: crds (ProfilingExperiment and Trial), inference-crd \
      (KubeDL's Inference and the right to serve it, for clusters without KubeDL), rbac, config, \
      daemon, or all of them but inference-crd.

      Example:
        morphling manifests all --image registry.example/morphling:\(Version.text) | kubectl apply -f -
      """)

  @Argument(help: "What to print: crds, inference-crd, rbac, config, daemon or all.")
  var part: Installation.Part = .all

  @Option(help: "Where the daemon runs.")
  var namespace = Installation.namespaceDefault

  @Option(help: "The image with this program.")
  var image = "localhost/morphling:\(Version.text)"

  @Option(help: "The API server's version: from 1.25 on, kinds also get rules on what may change.")
  var serverVersion: ServerVersion = .oldest

  mutating func validate() throws {
    guard ClusterNames.bounded(namespace) == namespace else {
      throw ValidationError(
        "--namespace: \"\(namespace)\"; lower-case letters, digits and - are needed, at most 63")
    }
    guard !image.isEmpty, !image.contains(where: \.isWhitespace) else {
      throw ValidationError("--image: \"\(image)\"; a reference like registry/name:tag is needed")
    }
  }

  func run() {
    let installation = Installation(
      namespace: namespace, image: image, serverVersion: serverVersion)
    print(installation.text(part), terminator: "")
  }
}

extension Installation.Part: ExpressibleByArgument {}

extension ServerVersion: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
