import Kubernetes
import Testing

@Suite struct ObjectTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696_000_000),
    ("2026-01-01T00:00:00.25Z", 1_767_225_600_250_000),
    ("2026-01-01T01:00:00+01:00", 1_767_225_600_000_000),
    ("1969-12-31T23:59:59Z", -1_000_000), ("2100-03-01T00:00:00Z", 4_107_542_400_000_000),
  ])
  func `times are read`(text: String, microseconds: Int64) {
    #expect(Timestamp(text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    "1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "1969-12-31T23:59:59Z", "2099-12-31T00:00:01Z",
  ])
  func `times are written back`(text: String) {
    #expect(Timestamp(text)?.description == text)
  }

  @Test func `microseconds keep their zeros`() {
    let text = "2026-01-02T03:04:05.000060Z"
    #expect(Timestamp(text)?.microText == text)
    #expect(Timestamp(text)?.description == "2026-01-02T03:04:05Z")
  }

  @Test(arguments: ["", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "x"])
  func `other texts are no times`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `an object is built in the order in which people read it`() {
    let owner = OwnerReference(apiVersion: "v1", kind: "Pod", name: "p", uid: "u")
    let object = KubernetesObject(
      .services, ObjectKey(namespace: "demo", name: "web"), labels: ["b": "2", "a": "1"],
      owners: [owner], finalizers: ["x/y"], content: ["spec": ["ports": [80]]])
    #expect(
      JSONText.encode(object.json)
        == #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"demo","#
        + #""labels":{"a":"1","b":"2"},"ownerReferences":[{"apiVersion":"v1","kind":"Pod","#
        + #""name":"p","uid":"u","controller":true,"blockOwnerDeletion":true}],"#
        + #""finalizers":["x/y"]},"spec":{"ports":[80]}}"#)
    #expect(object.controller == owner)
  }

  @Test func `what is unknown stays where it was`() {
    var object = KubernetesObject(["metadata": ["name": "a", "strange": 1], "more": [1, 2]])
    object.labels = ["x": "y"]
    object.labels = [:]
    object.finalizers = []
    object.status = nil
    #expect(object.json == ["metadata": ["name": "a", "strange": 1], "more": [1, 2]])
  }

  @Test func `a condition keeps its time while its status stays`() {
    let (first, later) = (Timestamp(seconds: 10), Timestamp(seconds: 20))
    var conditions: [Condition] = []
    conditions.set(
      Condition("Ready", .no, reason: "Waiting", message: "", observedGeneration: 1, at: first))
    conditions.set(
      Condition("Ready", .no, reason: "Slow", message: "m", observedGeneration: 2, at: later))
    #expect(conditions["Ready"]?.lastTransitionTime == first)
    #expect(conditions["Ready"]?.reason == "Slow")
    conditions.set(
      Condition("Ready", .yes, reason: "Done", message: "", observedGeneration: 2, at: later))
    #expect(conditions["Ready"]?.lastTransitionTime == later)
    #expect(conditions.count == 1)
    var object = KubernetesObject(["metadata": ["name": "a"]])
    object.conditions = conditions
    #expect(object.conditions == conditions)
  }

  @Test func `a label selector is read, written and put into a query`() throws {
    let json: JSONValue = [
      "matchLabels": ["app": "web"],
      "matchExpressions": [
        ["key": "tier", "operator": "In", "values": ["a", "b"]],
        ["key": "old", "operator": "DoesNotExist"],
        ["key": "zone", "operator": "NotIn", "values": ["x"]],
      ],
    ]
    let selector = try #require(LabelSelector(json))
    #expect(selector.json == json)
    #expect(selector.description == "app=web,tier in (a,b),!old,zone!=x")
    #expect(selector.matches(["app": "web", "tier": "b"]))
    #expect(!selector.matches(["app": "web", "tier": "b", "zone": "x"]))
    #expect(!selector.matches(["app": "web"]))
    #expect(LabelSelector(["matchExpressions": [["key": "a", "operator": "Gt"]]]) == nil)
  }

  /// RFC 7386, appendix A.
  static let mergeExamples: [(document: JSONValue, patch: JSONValue, result: JSONValue)] = [
    (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
    (["a": "b"], ["a": nil], [:]), (["a": "b", "b": "c"], ["a": nil], ["b": "c"]),
    (["a": ["b"]], ["a": "c"], ["a": "c"]), (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
    (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
    (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]), (["a", "b"], ["c", "d"], ["c", "d"]),
    (["a": "b"], ["c"], ["c"]), (["e": nil], ["a": 1], ["e": nil, "a": 1]),
    ([1, 2], ["a": "b", "c": nil], ["a": "b"]),
    ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
  ]

  @Test(arguments: mergeExamples.indices)
  func `merge patches do as their RFC says`(index: Int) {
    let example = Self.mergeExamples[index]
    #expect(MergePatch.apply(example.patch, to: example.document) == example.result)
  }
}
