import CustomResources
import Kubernetes
import Testing

@Suite struct InstallationTests {
  private let installation = Installation(namespace: "tuning", image: "registry.example/m:1")

  @Test func `the daemon runs with nothing that it doesn't need`() throws {
    let deployment = try object(.daemon, "Deployment")
    let pod = try #require(deployment["spec"]?["template"]?["spec"])
    let container = try #require(pod["containers"]?.array?.first)
    #expect(pod["securityContext"]?["runAsNonRoot"] == true)
    #expect(pod["securityContext"]?["seccompProfile"]?["type"] == "RuntimeDefault")
    #expect(container["securityContext"]?["readOnlyRootFilesystem"] == true)
    #expect(container["securityContext"]?["allowPrivilegeEscalation"] == false)
    #expect(container["securityContext"]?["capabilities"] == ["drop": ["ALL"]])
    #expect(container["livenessProbe"]?["httpGet"]?["path"] == "/healthz")
    #expect(container["readinessProbe"]?["httpGet"]?["path"] == "/readyz")
    #expect(container["image"] == "registry.example/m:1")
    #expect(container["resources"]?["limits"]?["memory"] != nil)
  }

  @Test func `no rule has a wildcard, reads secrets or may change what it only reads`() {
    for object in installation.objects(.rbac) {
      for rule in object["rules"]?.array ?? [] {
        let words = JSONText.encode(rule)
        #expect(!words.contains("*") && !words.contains("secrets"), "\(words)")
      }
    }
    #expect(verbs(on: "inferences") == ["get", "list", "watch", "patch"])
    #expect(verbs(on: "modelversions") == ["get", "list", "watch"])
    #expect(verbs(on: "pods") == ["get", "list", "watch"])
    #expect(verbs(on: "events") == ["get", "create", "patch"])
  }

  @Test func `every object of a namespace is in the one asked for`() {
    for part in [Installation.Part.rbac, .config, .daemon] {
      for object in installation.objects(part) {
        let namespace = object["metadata"]?["namespace"]?.string
        #expect(namespace == nil || namespace == "tuning")
      }
    }
    #expect(!installation.text(.all).contains(Installation.namespaceDefault))
  }

  @Test func `all is everything but the Inference`() {
    let kinds = installation.objects(.all).map { $0["kind"]?.string ?? "" }
    #expect(kinds.filter { $0 == "CustomResourceDefinition" }.count == 2)
    #expect(kinds.contains("Namespace") && kinds.contains("Deployment"))
    #expect(!installation.text(.all).contains("serving.kubedl.io_"))
    #expect(installation.text(.inferenceCRD).contains("inferences.serving.kubedl.io"))
  }

  @Test func `what is printed reads back as the same objects`() {
    let manifest = Manifest(installation.text(.all), file: "all.yaml")
    #expect(manifest.documents.map(\.value) == installation.objects(.all))
  }

  @Test func `the settings that are installed are read without a complaint`() throws {
    let map = KubernetesObject(try object(.config, "ConfigMap"))
    let inference = KubernetesObject(
      .inferences, ObjectKey(namespace: "shop", name: "x"), content: ["spec": [:]])
    let (settings, diagnostics) = MorphlingConfiguration.settings(of: inference, cluster: map)
    #expect(diagnostics.problems.isEmpty, "\(diagnostics)")
    #expect(settings.image == "registry.example/m:1")
    #expect(settings.quota.trials == 2)
  }

  private func object(_ part: Installation.Part, _ kind: String) throws -> JSONValue {
    try #require(installation.objects(part).first { $0["kind"]?.string == kind })
  }

  private func verbs(on resource: String) -> [String]? {
    let role = installation.objects(.rbac).first {
      $0["kind"] == "ClusterRole" && $0["metadata"]?["name"] == "morphling"
    }
    let rule = role?["rules"]?.array?.first {
      $0["resources"]?.array?.contains(.string(resource)) ?? false
    }
    return rule?["verbs"]?.array?.compactMap(\.string)
  }
}
