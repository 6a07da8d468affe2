import CustomResources
import Foundation
import FoundationNetworking
import Kubernetes
import Testing

extension KubernetesObject {
  /// An object of a fixture, in a test's namespace.
  init(yaml: String, in namespace: String) throws {
    self.init(try #require(Manifest(yaml, file: "fixture").documents.first).value)
    self.namespace = namespace
  }
}

extension Client {
  /// The first line of what the Service of an Inference answers; nil where it can't be reached.
  func answer(of service: ObjectKey) async throws -> String? {
    let spec = try await get(.services, service).spec
    guard let address = spec?["clusterIP"]?.string,
      let url = URL(string: "http://\(address):8080/index.html")
    else { return nil }
    guard let (body, _) = try? await URLSession.shared.data(from: url) else { return nil }
    return String(decoding: body, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}
