import CustomResources
import Kubernetes
import Testing
import Tuning

/// What stands in an annotation of what was written to.
@Suite struct WriteBackRecordTests {
  private static let time = Timestamp(seconds: 1_767_225_600)

  private static func record() throws -> WriteBackRecord {
    let definition = try ConfigurationWriterTests.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    return WriteBackRecord(
      of: ClusterFixtures.experiment, container: "predictor",
      changes: try writer.changes(bringing: definition.space.configuration(at: 0)),
      deadline: .seconds(240), at: time)
  }

  private static func version(_ object: KubernetesObject) -> KubernetesObject {
    var object = object
    object.resourceVersion = "7"
    return object
  }

  @Test func `it is read as it was written, for each predictor by itself`() throws {
    let record = try Self.record()
    var object = Self.version(ClusterFixtures.inference)
    for name in ["main", "canary"] {
      let patch = try WriteBackRecord.patch(object, setting: record, of: name)
      object = KubernetesObject(try patch.applied(to: object.json))
    }
    let back = record.reaching(.rolledBack, because: "it was slow", at: Self.time + .seconds(9))
    let patch = try WriteBackRecord.patch(object, setting: back, of: "canary")
    object = KubernetesObject(try patch.applied(to: object.json))
    #expect(WriteBackRecord.all(of: object) == ["main": record, "canary": back])
    #expect(record.isFrom(ClusterFixtures.experiment))
    var other = ClusterFixtures.experiment
    other.setMetadata("generation", 4)
    #expect(!record.isFrom(other))
  }

  @Test func `it is only set in the version that was read`() throws {
    let object = Self.version(ClusterFixtures.inference)
    let patch = try WriteBackRecord.patch(object, setting: try Self.record(), of: "main")
    var newer = object
    newer.resourceVersion = "8"
    #expect(throws: JSONPatchError.self) { try patch.applied(to: newer.json) }
  }

  @Test func `the last one takes the annotation along, and others stay`() throws {
    var object = Self.version(ClusterFixtures.inference)
    object.annotations = ["note": "mine"]
    let set = try WriteBackRecord.patch(object, setting: try Self.record(), of: "main")
    let written = KubernetesObject(try set.applied(to: object.json))
    let unset = try WriteBackRecord.patch(written, setting: nil, of: "main")
    #expect(try unset.applied(to: written.json) == object.json)
  }

  @Test func `an annotation that can't be read holds no record`() {
    var object = ClusterFixtures.inference
    for text in ["", "[]", "{\"main\": {}}", "{\"main\": {\"state\": \"Gone\"}}"] {
      object.annotations = [ClusterNames.previous: text]
      #expect(WriteBackRecord.all(of: object).isEmpty)
    }
  }

  /// Flags that are tuned may stand in the command, a change of which would be another program.
  @Test func `what a recommendation writes into a command makes no other program of it`() throws {
    let text = Fixtures.service.replacing(
      "[\"./serve\"]", with: "[\"./serve\", \"--threads\", \"2\"]")
    let definition = try ConfigurationWriterTests.definition(
      text.replacing("args: [\"--threads=2\", \"--queue\", \"100\"]", with: "args: []"))
    var object = KubernetesObject(try #require(definition.target).document)
    object.resourceVersion = "7"
    let before = try #require(ServedRevision(object, predictor: "main"))
    var record: WriteBackRecord?
    var seen: Set<JSONValue> = []
    let last = definition.space.count - 1
    for index in [last, 0, last / 2] {
      let target = try #require(
        TunedContainer(inference: object.json, predictor: "main", container: "predictor"))
      let writer = ConfigurationWriter(target: target, parameters: definition.space.parameters)
      let configuration = definition.space.configuration(at: index)
      record = WriteBackRecord(
        of: ClusterFixtures.experiment, container: "predictor",
        changes: try writer.changes(bringing: configuration), deadline: .seconds(60),
        after: record, at: Self.time)
      object = KubernetesObject(try writer.document(with: configuration))
      seen.insert(.array(target.container.command.map(JSONValue.string)))
      let patch = try WriteBackRecord.patch(object, setting: record, of: "main")
      object = KubernetesObject(try patch.applied(to: object.json))
      #expect(ServedRevision(object, predictor: "main") == before, "\(index)")
    }
    #expect(seen.count > 1, "the command was written to")
    let other = JSONText.encode(object.json).replacing("./serve", with: "./other")
    #expect(
      ServedRevision(KubernetesObject(try JSONReader.decode(other)), predictor: "main") != before)
  }
}
