import Testing
import Transport

/// Which machines a URL leads to.
@Suite struct HostAddressTests {
  @Test(
    arguments: [
      ("http://127.0.0.1:80/", true, false), ("http://127.9.9.9/", true, false),
      ("http://localhost/", true, false), ("http://[::1]:80/", true, false),
      ("http://[::ffff:127.0.0.1]/", true, false), ("http://0.0.0.0/", true, false),
      ("http://2130706433/", true, false), ("http://0x7f.1/", true, false),
      ("http://10.0.0.1/", false, true), ("http://172.31.0.1/", false, true),
      ("http://192.168.1.1/", false, true), ("http://100.64.0.1/", false, true),
      ("http://[fd00::1]/", false, true), ("http://172.32.0.1/", false, false),
      ("http://169.254.169.254/", false, false), ("http://8.8.8.8/", false, false),
      ("http://[2001:db8::1]/", false, false), ("http://[fe80::1]/", false, false),
      ("http://[::2]/", false, false), ("http://[::ffff:8.8.8.8]/", false, false),
    ])
  func `an address is of this machine, of a private network, or neither`(
    url: String, isLoopback: Bool, isPrivate: Bool
  ) throws {
    let addresses = try HostAddress.addresses(ofURL: url)
    #expect(!addresses.isEmpty)
    for address in addresses {
      #expect(address.isLoopback == isLoopback, "\(address)")
      #expect(address.isPrivate == isPrivate, "\(address)")
    }
  }

  @Test func `the host is the one that libcurl will connect to`() throws {
    // Parsers disagree about these; ours is the one that sends.
    let address = try #require(try HostAddress.addresses(ofURL: "http://127.0.0.1#@8.8.8.8/").first)
    #expect(address.description == "127.0.0.1")
    #expect(throws: HostAddressError.self) {
      try HostAddress.addresses(ofURL: "http://127.0.0.1@8.8.8.8/")
    }
  }
}
