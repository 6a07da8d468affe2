import StressTest
import Testing

/// What inference servers answer over REST.
@Suite struct AnswerFormTests {
  private func tensor(_ datatype: String, _ shape: String, _ data: String) -> [UInt8] {
    Array(
      """
      {"model_name": "m", "outputs": [{"name": "y", "datatype": "\(datatype)", "shape": \(shape), \
      "data": \(data)}]}
      """.utf8)
  }

  @Test(arguments: [
    ("FP32", "[2, 2]", "[1, -2.5, 3e-7, 4]"), ("FP32", "[2, 2]", "[[1, 2], [3, 4]]"),
    ("INT64", "[3]", "[1, 2, 3]"), ("BYTES", "[2]", #"["a", "error"]"#),
    ("BOOL", "[2]", "[true, 0]"),
    ("FP64", "[]", "[1]"), ("UINT8", "[0, 7]", "[]"), ("BF16", "[1]", "[0.5]"),
  ])
  func `an answer with as many data as its shape asks for is right`(
    datatype: String, shape: String, data: String
  ) {
    #expect(InferenceAnswer.isRight(tensor(datatype, shape, data)))
  }

  @Test(arguments: [
    ("FP32", "[2, 2]", "[1, 2, 3]"), ("FP32", "[2]", "[1, 2, 3]"), ("FP32", "[1]", "[null]"),
    ("FP32", "[1]", #"["1"]"#), ("BYTES", "[1]", "[1]"), ("BOOL", "[1]", #"["true"]"#),
    ("FLOAT", "[1]", "[1]"), ("FP32", "[-1]", "[1]"), ("FP32", "[1.5]", "[1]"),
    ("FP32", "1", "[1]"),
    ("FP32", "[1]", "1"), ("FP32", "[4294967296, 4294967296]", "[]"), ("FP32", "[1]", "[NaN]"),
    ("FP32", "[1]", "[1"), ("FP32", "[1]", #"[1], "data": 7"#),
  ])
  func `any other is wrong`(datatype: String, shape: String, data: String) {
    #expect(!InferenceAnswer.isRight(tensor(datatype, shape, data)))
  }

  @Test(arguments: [
    (#"{"outputs": [], "error": "no such model"}"#, false), (#"{"outputs": []}"#, false),
    (#"{"error": "no such model"}"#, false), (#"{"outputs": {}}"#, false), ("[]", false),
    (#"{"outputs": [{"name": "y", "shape": [1], "datatype": "FP32"}]}"#, false),
    (#"{"outputs": [{"name": "", "shape": [1], "datatype": "FP32", "data": [1]}]}"#, false),
    (
      #"{"outputs": [{"name": "y", "shape": [1], "datatype": "FP32", "data": [1]}], "error": "x"}"#,
      false
    ),
    (
      #"{"outputs": [{"name": "y", "shape": [1], "datatype": "FP32", "data": [1]}], "error": null}"#,
      true
    ),
    (
      #"{"outputs": [{"data": [1], "parameters": {"a": [1]}, "datatype": "FP32", "shape": [1], "name": "y"}]}x"#,
      false
    ),
    (
      #"{"outputs": [{"data": [1], "parameters": {"a": [1]}, "datatype": "FP32", "shape": [1], "name": "y"}]} "#,
      true
    ),
  ])
  func `outputs decide, and an error`(body: String, isRight: Bool) {
    #expect(InferenceAnswer.isRight(Array(body.utf8)) == isRight)
  }

  @Test(arguments: [
    (#"{"predictions": [0.5, 1]}"#, true), (#"{"predictions": [[1, 2], [3, 4]]}"#, true),
    (#"{"predictions": [{"scores": [0.1, 0.9], "label": "cat"}]}"#, true),
    (#"{"predictions": [{"b64": "aGk="}, "text"]}"#, true), (#"{"outputs": [[1], [2]]}"#, true),
    (#"{"outputs": {"a": [1], "b": [[2]]}}"#, true), (#"{"outputs": 7}"#, true),
    (#"{"predictions": []}"#, false), (#"{"predictions": [[1, 2], [3]]}"#, false),
    (#"{"predictions": [[1], 2]}"#, false), (#"{"predictions": [null]}"#, false),
    (#"{"predictions": 7}"#, false), (#"{"predictions": {}}"#, false), (#"{"outputs": {}}"#, false),
    (#"{"predictions": [1], "outputs": [1]}"#, false),
    (#"{"predictions": [1], "error": "x"}"#, false),
    (#"{"error": "Servable not found"}"#, false), (#"{"predictions": [1]"#, false), ("{}", false),
    ("", false), (#"{"predictions": [1], "model": {"a": null}}"#, true),
  ])
  func `predictions are tensors, in rows or in columns`(body: String, isRight: Bool) {
    #expect(PredictionAnswer.isRight(Array(body.utf8)) == isRight)
  }
}
