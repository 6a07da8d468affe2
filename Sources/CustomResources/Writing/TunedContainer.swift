package import Kubernetes

/// The container that is tuned, and the document in which it stands: an Inference, or an
/// experiment with a pod template of its own.
package struct TunedContainer: Hashable, Sendable {
  package let document: JSONValue
  /// The predictor of an Inference, `/spec/predictors/0`; nil for an embedded pod template.
  package let predictor: JSONPointer?
  package let pointer: JSONPointer

  package init(document: JSONValue, predictor: JSONPointer?, pointer: JSONPointer) {
    self.document = document
    self.predictor = predictor
    self.pointer = pointer
  }

  package var container: Container { Container(document[pointer] ?? .null) }
  package var metadata: ObjectMeta { ObjectMeta(document["metadata"]) }
  package var kind: String { document["kind"]?.string ?? "" }
  package var apiVersion: String { document["apiVersion"]?.string ?? "" }
  package var predictorName: String? {
    predictor.flatMap { document[$0]?["name"]?.scalarText }
  }

  /// The same place in another version of the document.
  package func replacingDocument(_ document: JSONValue) -> TunedContainer {
    TunedContainer(document: document, predictor: predictor, pointer: pointer)
  }
}
