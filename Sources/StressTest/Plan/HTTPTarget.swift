/// The request that load is made of, and what a right answer to it is.
package struct HTTPTarget: Hashable, Sendable {
  /// An `http:` or `https:` address. Certificates are always verified, and proxies never used.
  package var url: String
  package var method: String
  package var headers: [Header]
  package var content: RequestContent
  package var expectation: ResponseExpectation
  package var version = HTTPVersion.http1
  package var security = SecureFiles()
  /// Where the token is that requests carry; the token itself is in no job and no result.
  package var bearer: TokenSource?

  package struct Header: Hashable, Sendable, Codable {
    package var name: String
    package var value: String
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// Whether it is one line with a name, so that it can't become another header or request.
    package var isOneLine: Bool {
      let isPlain = { (text: String) in text.unicodeScalars.allSatisfy { $0.value >= 0x20 } }
      return !name.isEmpty && isPlain(name) && isPlain(value)
        && !name.contains { $0 == ":" || $0 == " " }
    }
  }

  /// Whether a text can be a method: capital letters alone.
  package static func isMethod(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
  }

  package init(
    url: String, method: String = "GET", headers: [Header] = [], body: [UInt8] = [],
    expectation: ResponseExpectation = .status
  ) {
    self.url = url
    self.method = method
    self.headers = headers
    self.content = .fixed(body)
    self.expectation = expectation
  }
}

/// Which HTTP is spoken.
package enum HTTPVersion: String, Hashable, Sendable, Codable, CaseIterable {
  case http1 = "1.1"
  case http2 = "2"
}

/// Where a bearer token (RFC 6750) comes from.
package enum TokenSource: Hashable, Sendable {
  case variable(String)
  case file(String)
}
