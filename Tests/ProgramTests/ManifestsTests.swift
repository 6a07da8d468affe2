import Foundation
import Testing

/// `morphling manifests`, and what of it is kept in `deploy/`.
@Suite struct ManifestsTests {
  private static let deploy = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy")

  @Test(arguments: [
    ("crds", "base/crds.yaml"), ("rbac", "base/rbac.yaml"), ("config", "base/config.yaml"),
    ("daemon", "base/daemon.yaml"), ("inference-crd", "without-kubedl/inference-crd.yaml"),
    ("crds --server-version 1.25", "with-rules/crds.yaml"),
  ])
  func `what is kept is what is printed`(part: String, path: String) throws {
    let run = try Morphling.started(["manifests"] + part.split(separator: " ").map(String.init))
      .finished()
    #expect(run.status == 0)
    let kept = try String(contentsOf: Self.deploy.appending(path: path), encoding: .utf8)
    #expect(run.output == kept, "print it again: morphling manifests \(part) > deploy/\(path)")
  }

  @Test func `namespace, image and server are as asked for`() throws {
    let run = try Morphling.run(
      "manifests", "--namespace", "tuning", "--image", "registry.example/m:2",
      "--server-version", "1.31")
    #expect(run.output.contains("namespace: tuning"))
    #expect(run.output.contains("image: registry.example/m:2"))
    #expect(run.output.contains("x-kubernetes-validations"))
    #expect(!run.output.contains("morphling-system"))
  }

  @Test(arguments: [
    ["everything"], ["--namespace", "Not a name"], ["--image", ""], ["--server-version", "new"],
  ])
  func `a wrong command line ends with status 2`(arguments: [String]) throws {
    let run = try Morphling.started(["manifests"] + arguments).finished()
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
  }
}
