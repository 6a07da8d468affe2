/// The request that load is made of, and what a right answer to it is.
package struct HTTPTarget: Hashable, Sendable {
  /// An `http:` or `https:` address. Certificates are always verified, and proxies never used.
  package var url: String
  package var method: String
  package var headers: [Header]
  package var body: [UInt8]
  package var expectation: ResponseExpectation

  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: String
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    url: String, method: String = "GET", headers: [Header] = [], body: [UInt8] = [],
    expectation: ResponseExpectation = .status
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.body = body
    self.expectation = expectation
  }
}
