import CustomResources
import Foundation
import Kubernetes
import Testing
import Tuning

@Suite struct ConfigurationWriterTests {
  static let containers = [
    Fixtures.service,
    Fixtures.upstream,
    // Nothing is set yet, or set as null.
    Fixtures.service.replacing("args: [\"--threads=2\", \"--queue\", \"100\"]", with: "args:")
      .replacing(
        "env:\n                - name: INSTANCES\n                  value: \"1\"", with: "env: null"
      ),
    // A flag in the command, a variable from elsewhere, a variable twice.
    Fixtures.service.replacing("[\"./serve\"]", with: "[\"./serve\", \"--threads\", \"4\"]")
      .replacing("args: [\"--threads=2\", \"--queue\", \"100\"]", with: "args: [\"--queue\"]")
      .replacing("value: \"1\"", with: "valueFrom: {fieldRef: {fieldPath: spec}}"),
  ]

  static func definition(_ text: String) throws -> ExperimentDefinition {
    let (definition, diagnostics) = Fixtures.decode(text)
    return try #require(definition, "\(diagnostics)")
  }

  @Test(arguments: containers.indices)
  func `what is written is what is read back, over all of the space`(index: Int) throws {
    let definition = try Self.definition(Self.containers[index])
    let writer = try #require(definition.writer)
    let step = max(definition.space.count / 400, 1)
    for index in stride(from: 0, to: definition.space.count, by: step) {
      let configuration = definition.space.configuration(at: index)
      let document = try writer.document(with: configuration)
      let patch = try writer.patch(for: configuration)
      #expect(try patch.applied(to: writer.target.document) == document)
      let written = ConfigurationWriter(
        target: writer.target.replacingDocument(document), parameters: writer.parameters)
      #expect(written.configurationFound == configuration)
      #expect(try written.document(with: configuration) == document, "writing twice adds nothing")
    }
  }

  @Test func `only the one container changes`() throws {
    let definition = try Self.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    let document = try writer.document(with: definition.space.configuration(at: 1_000))
    let place = JSONPointer(["spec", "predictors", "0", "template", "spec", "containers", "0"])
    #expect(document[place] == ["name": "sidecar", "image": "proxy"])
    let container = try writer.container(with: definition.space.configuration(at: 1_000))
    #expect(container.image == "triton")
    #expect(container.env.count(where: { $0.name == "INSTANCES" }) == 1)
  }

  @Test func `a patch is refused where the container has changed`() throws {
    let definition = try Self.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    let patch = try writer.patch(for: definition.space.configuration(at: 0))
    for change in ["name: main", "name: predictor\n", "cpu: \"1\"", "--threads=2"] {
      let changed = Fixtures.inference.replacing(
        change,
        with: change.replacing("1", with: "7")
          .replacing("main", with: "other").replacing("predictor", with: "other").replacing(
            "=2", with: "=9"))
      let document = try #require(Manifest(changed, file: "x").documents.first).value
      #expect(throws: JSONPatchError.self) { try patch.applied(to: document) }
    }
  }

  @Test func `the patched manifest reads like the original`() throws {
    let definition = try Self.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    let configuration = definition.space.configuration(at: definition.space.count - 1)
    let patch = try writer.patch(for: configuration)
    let patched = try writer.document(with: configuration)
    try expectGolden(YAMLText.encode(patched), "patched.yaml")
    try expectGolden(JSONText.encode(patch.json, indentation: 2) + "\n", "patch.json")
    let kustomization = Kustomization.text(patch, target: writer.target)
    try expectGolden(kustomization, "kustomization.yaml")
    let read = try #require(Manifest(kustomization, file: "k").documents.first)
    let inner = try #require(read.value["patches"]?.array?.first?["patch"]?.string)
    #expect(Manifest(inner, file: "p").documents.first?.value == patch.json)
  }

  @Test func `arguments without a flag are appended once`() throws {
    let text = Fixtures.service.replacing("- name: --threads", with: "- name: THREADS")
    let writer = try #require(try Self.definition(text).writer)
    let space = try Self.definition(text).space
    let first = try writer.document(with: space.configuration(at: 0))
    let next = ConfigurationWriter(
      target: writer.target.replacingDocument(first), parameters: writer.parameters)
    let last = space.configuration(at: space.count - 1)
    #expect(
      try next.container(with: last).args == ["--threads=2", "--queue", "100", "4"])
  }
}
