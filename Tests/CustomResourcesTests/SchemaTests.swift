import CustomResources
import Kubernetes
import Testing

/// What every schema must be, beside what a real server says of it.
@Suite struct SchemaTests {
  private static let versions = [ServerVersion.oldest, ServerVersion(major: 1, minor: 31)]

  @Test(arguments: versions)
  func `every part of a schema has a type or keeps what it holds`(version: ServerVersion) {
    for definition in definitions(version) { checkTypes(schema(of: definition), "") }
  }

  private func checkTypes(_ schema: JSONValue, _ place: String) {
    let isOpen = schema["x-kubernetes-preserve-unknown-fields"] == true
    let isTyped = schema["type"]?.string != nil || schema["x-kubernetes-int-or-string"] == true
    #expect(isTyped || isOpen, "\(place)")
    for (name, property) in schema["properties"]?.object?.members ?? [] {
      checkTypes(property, "\(place).\(name)")
    }
    for key in ["items", "additionalProperties"] {
      if let child = schema[key] { checkTypes(child, "\(place)[]") }
    }
  }

  @Test func `rules on what may change are only for servers that know rules`() {
    let texts = Self.versions.map { version in
      definitions(version).map { JSONText.encode($0) }.joined()
    }
    #expect(!texts[0].contains("x-kubernetes-validations"))
    #expect(texts[1].contains("x-kubernetes-validations"))
  }

  @Test func `servers that know rules also refuse what concerns several fields`() throws {
    let definition = definitions(ServerVersion(major: 1, minor: 25))[0]
    let spec = try #require(schema(of: definition)["properties"]?["spec"])
    func rules(_ schema: JSONValue?) -> [String] {
      (schema?["x-kubernetes-validations"]?.array ?? []).compactMap { $0["rule"]?.string }
    }
    #expect(
      rules(spec) == [
        "has(self.targetRef) == has(oldSelf.targetRef)",
        "!(has(self.objective) && has(self.objectives))",
      ])
    #expect(rules(spec["properties"]?["targetRef"]) == ["self == oldSelf"])
    let parameters = spec["properties"]?["tunableParameters"]?["items"]?["properties"]?[
      "parameters"]
    #expect(rules(parameters).count == 1)
  }

  @Test func `every column shows a field that the schema has`() throws {
    for definition in definitions(.oldest) {
      let version = try #require(definition["spec"]?["versions"]?.array?.first)
      let columns = version["additionalPrinterColumns"]?.array ?? []
      #expect(columns.count > 2 && columns.last?["name"] == "Age")
      for column in columns {
        let path = try #require(column["jsonPath"]?.string)
        guard path != ".metadata.creationTimestamp" else { continue }
        let found = Self.field(path, of: schema(of: definition))
        let isInteger = column["type"] == "integer"
        #expect(found != nil, "\(path)")
        #expect((found?["type"] == "integer") == isInteger, "\(path)")
      }
    }
  }

  /// What a path such as `.status.list[0].name` leads to.
  private static func field(_ path: String, of schema: JSONValue) -> JSONValue? {
    path.split(separator: ".").reduce(schema) { (place: JSONValue?, step) in
      let name = String(step.prefix { $0 != "[" })
      let property = place?["properties"]?[name]
      return step.contains("[") ? property?["items"] : property
    }
  }

  @Test func `no pod schema is embedded`() {
    for definition in definitions(.oldest) {
      #expect(JSONText.encode(definition).utf8.count < 16_384)
    }
  }

  @Test func `kinds have their names, a status and a category`() throws {
    let names = definitions(.oldest).map { $0["spec"]?["names"]?["shortNames"]?.array?.first }
    #expect(names == ["pe", "mt", nil])
    for definition in definitions(.oldest) {
      let version = try #require(definition["spec"]?["versions"]?.array?.first)
      #expect(version["subresources"]?["status"] != nil)
      #expect(definition["spec"]?["names"]?["categories"] == ["morphling"])
      let plural = try #require(definition["spec"]?["names"]?["plural"]?.string)
      let group = try #require(definition["spec"]?["group"]?.string)
      #expect(definition["metadata"]?["name"]?.string == "\(plural).\(group)")
    }
  }

  @Test func `conditions are told apart by their type`() {
    for definition in definitions(.oldest).prefix(2) {
      let status = schema(of: definition)["properties"]?["status"]?["properties"]
      #expect(status?["conditions"]?["x-kubernetes-list-map-keys"] == ["type"])
      #expect(status?["observedGeneration"]?["type"] == "integer")
    }
  }

  /// A field that the reader knows and the schema doesn't would be pruned by the server.
  @Test func `the schema has a part of its own for every field`() {
    let spec = schema(of: definitions(.oldest)[0])["properties"]?["spec"]?["properties"]
    #expect(spec?.object?.count == 16)
    for (name, part) in spec?.object?.members ?? [] {
      #expect(part.object?.count ?? 0 > 1, "\(name)")
    }
  }

  @Test(arguments: [
    ("1.20", 1, 20), ("v1.31.2", 1, 31), ("1.20+", 1, 20), ("1.30.0-rc.1", 1, 30),
  ])
  func `a server's version is read`(text: String, major: Int, minor: Int) {
    #expect(ServerVersion(text) == ServerVersion(major: major, minor: minor))
  }

  @Test(arguments: ["", "1", "one.two", "1.x", "1.20abc"])
  func `other texts are no versions`(text: String) {
    #expect(ServerVersion(text) == nil)
  }

  private func definitions(_ version: ServerVersion) -> [JSONValue] {
    CustomResourceDefinitions.all(serverVersion: version)
      + [CustomResourceDefinitions.inference()]
  }

  private func schema(of definition: JSONValue) -> JSONValue {
    definition["spec"]?["versions"]?.array?.first?["schema"]?["openAPIV3Schema"] ?? .null
  }
}
