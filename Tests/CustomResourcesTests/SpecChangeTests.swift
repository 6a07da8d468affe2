import CustomResources
import Kubernetes
import Testing
import Tuning

/// What a recommendation changes, and the way back.
@Suite struct SpecChangeTests {
  @Test(arguments: ConfigurationWriterTests.containers.indices)
  func `changes lead from one document to the other and back, over all of the space`(
    index: Int
  ) throws {
    let definition = try ConfigurationWriterTests.definition(
      ConfigurationWriterTests.containers[index])
    let writer = try #require(definition.writer)
    let step = max(definition.space.count / 100, 1)
    for index in stride(from: 0, to: definition.space.count, by: step) {
      let configuration = definition.space.configuration(at: index)
      let changes = try writer.changes(bringing: configuration)
      let written = writer.target.replacingDocument(try writer.document(with: configuration))
      #expect(written.holds(changes, .new) && (changes.isEmpty || !written.holds(changes, .old)))
      let forward = try writer.target.patch(bringing: changes, .new)
      let brought = writer.target.replacingDocument(
        try forward.applied(to: writer.target.document))
      #expect(brought.holds(changes, .new))
      let back = try written.patch(bringing: changes, .old).applied(to: written.document)
      let restored = writer.target.replacingDocument(back)
      #expect(restored.holds(changes, .old))
      #expect(
        ConfigurationWriter(target: restored, parameters: writer.parameters).configurationFound
          == writer.configurationFound)
    }
  }

  @Test func `what is restored equals what was there, member by member`() throws {
    let definition = try ConfigurationWriterTests.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    let configuration = definition.space.configuration(at: definition.space.count - 1)
    let changes = try writer.changes(bringing: configuration)
    let written = writer.target.replacingDocument(try writer.document(with: configuration))
    #expect(changes.count > 3)
    let back = try written.patch(bringing: changes, .old).applied(to: written.document)
    #expect(back == writer.target.document)
  }

  @Test func `an equal amount in another spelling is no change`() throws {
    let definition = try ConfigurationWriterTests.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    let configuration = definition.space.configuration(at: 0)
    let changes = try writer.changes(bringing: configuration)
    let text = JSONText.encode(try writer.document(with: configuration))
    for (spelling, other) in [("\"512Mi\"", "\"524288Ki\""), ("\"1\"", "\"1000m\"")] {
      let parts = text.split(separator: spelling, omittingEmptySubsequences: false)
      let document = try JSONReader.decode(parts.joined(separator: other))
      let target = writer.target.replacingDocument(document)
      #expect(target.differences(from: changes.filter { !"\($0)".hasPrefix("env") }, .new) == [])
    }
  }

  @Test func `changes are read as they were written`() throws {
    let definition = try ConfigurationWriterTests.definition(Fixtures.service)
    let changes = try #require(
      try definition.writer?.changes(
        bringing: definition.space.configuration(at: definition.space.count - 1)))
    for change in changes {
      let text = JSONText.encode(change.json)
      #expect(SpecChange(try JSONReader.decode(text)) == change)
    }
    #expect(SpecChange(["place": "shoe"]) == nil)
  }

  @Test func `a patch pins the names and every old value`() throws {
    let definition = try ConfigurationWriterTests.definition(Fixtures.service)
    let writer = try #require(definition.writer)
    let changes = try writer.changes(
      bringing: definition.space.configuration(at: definition.space.count - 1))
    let patch = try writer.target.patch(bringing: changes, .new)
    let tests = patch.operations.compactMap { operation -> JSONValue? in
      if case .test(_, let value) = operation { value } else { nil }
    }
    #expect(tests.prefix(2) == ["main", "predictor"])
    for case .replace(let pointer, _) in patch.operations {
      let isTested = patch.operations.contains { operation in
        if case .test(pointer, _) = operation { true } else { false }
      }
      #expect(isTested, "\(pointer)")
    }
  }
}
