import Foundation
import Kubernetes
import Testing
import Transport

/// Kubeconfigs as JSON, which is YAML too.
@Suite struct KubeconfigTests {
  private static func parse(_ text: String, _ file: String) throws -> JSONValue {
    try JSONReader.decode(text)
  }

  private func configuration(
    cluster: JSONValue = ["server": "https://a:6443"], user: JSONValue = [:],
    context: String? = nil
  ) throws -> ClusterConfiguration {
    var config = Kubeconfig()
    config.merge(
      [
        "clusters": [["name": "c", "cluster": cluster]],
        "users": [["name": "u", "user": user]],
        "contexts": [["name": "x", "context": ["cluster": "c", "user": "u"]]],
        "current-context": "x",
      ], file: "/of/me/.kube/config")
    return try config.configuration(context: context)
  }

  @Test func `a cluster and a user make a configuration`() throws {
    let found = try configuration(
      cluster: [
        "server": "https://a:6443", "certificate-authority-data": "Q0E=",
        "tls-server-name": "kubernetes", "proxy-url": "http://proxy:3128",
      ],
      user: ["client-certificate": "pki/me.crt", "client-key": "/keys/me.key"])
    #expect(
      found
        == ClusterConfiguration(
          server: "https://a:6443", authority: .text(Array("CA".utf8)),
          tlsServerName: "kubernetes", proxy: "http://proxy:3128",
          clientCertificate: .init(
            certificate: .file("/of/me/.kube/pki/me.crt"), key: .file("/keys/me.key")),
          namespace: "default"))
  }

  static let credentials: [(user: JSONValue, credential: ClusterConfiguration.Credential)] = [
    (["token": "t"], .token("t")),
    (["token": "t", "tokenFile": "tok"], .tokenFile("/of/me/.kube/tok")),
    (["username": "me", "password": "p"], .password(user: "me", password: "p")),
    (
      [
        "exec": [
          "apiVersion": "client.authentication.k8s.io/v1", "command": "get-token",
          "args": ["--now"], "env": [["name": "A", "value": "B"]],
        ]
      ],
      .plugin(
        CredentialPlugin(
          command: "get-token", arguments: ["--now"],
          environment: [.init(name: "A", value: "B")]))
    ),
  ]

  @Test(arguments: credentials.indices)
  func `every kind of credential is read`(index: Int) throws {
    let example = Self.credentials[index]
    #expect(try configuration(user: example.user).credential == example.credential)
  }

  static let mistakes: [(cluster: JSONValue, user: JSONValue, message: String)] = [
    (
      ["server": "a:6443"], [:],
      "/of/me/.kube/config: cluster c: server: \"a:6443\" was found; "
        + "a URL such as https://host:6443 is needed"
    ),
    (
      ["server": "https://a", "insecure-skip-tls-verify": true], [:],
      "/of/me/.kube/config: cluster c: insecure-skip-tls-verify: true was found; "
        + "certificates are always verified: give certificate-authority-data instead"
    ),
    (
      ["server": "https://a"], ["client-certificate": "a"],
      "/of/me/.kube/config: user u: client-key: only a certificate was found; its key is needed"
    ),
    (
      ["server": "https://a"], ["exec": ["command": "x", "apiVersion": "v0"]],
      "/of/me/.kube/config: user u: exec.apiVersion: \"v0\" was found; one of "
        + "client.authentication.k8s.io/v1, client.authentication.k8s.io/v1beta1 is needed"
    ),
    (
      ["server": "https://a"],
      [
        "exec": [
          "command": "x", "apiVersion": "client.authentication.k8s.io/v1",
          "interactiveMode": "Always",
        ]
      ],
      "/of/me/.kube/config: user u: exec.interactiveMode: Always was found; "
        + "a plugin that needs no terminal is needed: Never or IfAvailable"
    ),
    (
      ["server": "https://a", "certificate-authority-data": "?"], [:],
      "/of/me/.kube/config: cluster c: certificate-authority-data: text that isn't base64 was "
        + "found; a PEM file in base64 is needed"
    ),
  ]

  @Test(arguments: mistakes.indices)
  func `a mistake says where it is and what is needed`(index: Int) {
    let mistake = Self.mistakes[index]
    let error = #expect(throws: ClusterConfigurationError.self) {
      try configuration(cluster: mistake.cluster, user: mistake.user)
    }
    #expect(error?.description == mistake.message)
  }

  @Test func `an unknown context names those there are`() {
    let error = #expect(throws: ClusterConfigurationError.self) {
      try configuration(context: "y")
    }
    #expect(
      error?.description
        == "/of/me/.kube/config: no context y was found; one of x is needed")
  }

  @Test func `of several files the first that has a name counts`() throws {
    let folder = try TemporaryFolder()
    let first = try folder.file(
      "one/config",
      #"{"current-context": "x", "clusters": [{"name": "c", "cluster": {"server": "https://one", "#
        + #""certificate-authority": "ca.crt"}}]}"#)
    let second = try folder.file(
      "two/config",
      #"{"current-context": "y", "clusters": [{"name": "c", "cluster": {"server": "https://two"}}],"#
        + #""contexts": [{"name": "x", "context": {"cluster": "c", "namespace": "demo"}}]}"#)
    let found = try ClusterConfiguration.found(
      environment: ["KUBECONFIG": "\(first):\(folder.path)/none:\(second)"], parse: Self.parse)
    #expect(
      found
        == ClusterConfiguration(
          server: "https://one", authority: .file(folder.path + "/one/ca.crt"),
          namespace: "demo"))
  }

  @Test func `without any file it is an error that says what to do`() throws {
    let error = #expect(throws: ClusterConfigurationError.self) {
      try ClusterConfiguration.found(
        environment: ["KUBECONFIG": "/none/config"], parse: Self.parse)
    }
    #expect(
      error?.description
        == "/none/config: no such file was found; a kubeconfig is needed: see KUBECONFIG")
    let nothing = #expect(throws: ClusterConfigurationError.self) {
      try ClusterConfiguration.found(environment: [:], parse: Self.parse)
    }
    #expect(nothing?.needed == "set KUBECONFIG to the kubeconfig of the cluster that is meant")
  }

  @Test(arguments: [("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443")])
  func `inside a pod its service account counts`(host: String, server: String) throws {
    let folder = try TemporaryFolder()
    for (name, text) in [("token", "t"), ("ca.crt", "ca"), ("namespace", "demo\n")] {
      _ = try folder.file(name, text)
    }
    let environment = ["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443"]
    #expect(
      try ClusterConfiguration.inCluster(environment: environment, folder: folder.path)
        == ClusterConfiguration(
          server: server, authority: .file(folder.path + "/ca.crt"),
          credential: .tokenFile(folder.path + "/token"), namespace: "demo"))
    #expect(try ClusterConfiguration.inCluster(environment: [:]) == nil)
  }
}
