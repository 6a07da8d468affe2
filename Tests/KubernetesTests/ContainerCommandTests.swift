import Kubernetes
import Testing

@Suite struct ContainerCommandTests {
  /// The cases of Kubernetes' own expansion tests.
  @Test(arguments: [
    ("$(VAR_A)", "A"), ("___$(VAR_B)___", "___B___"), ("$(VAR_A)-$(VAR_B)", "A-B"),
    ("$$(VAR_A)", "$(VAR_A)"), ("$$$(VAR_A)", "$A"), ("$$$$(VAR_A)", "$$(VAR_A)"),
    ("$(MISSING)", "$(MISSING)"), ("$VAR_A", "$VAR_A"), ("$(VAR_A", "$(VAR_A"), ("$", "$"),
    ("$()", "$()"), ("a$", "a$"), ("$(VAR_A))", "A)"), ("$((VAR_A)", "$((VAR_A)"),
    ("$(EMPTY)", ""), ("cost: 5$ or $(VAR_B)$$", "cost: 5$ or B$"),
  ])
  func `references expand as in the kubelet`(text: String, expanded: String) {
    let values = ["VAR_A": "A", "VAR_B": "B", "EMPTY": ""]
    #expect(ContainerCommand.expanded(text, values) == expanded)
  }

  @Test func `a command sees the variables and a variable sees those before it`() {
    let command = ContainerCommand(
      Container([
        "command": ["serve"], "args": ["--batch=$(BATCH)", "--url=$(URL)"], "workingDir": "/srv",
        "env": [
          ["name": "HOST", "value": "localhost"], ["name": "BATCH", "value": "1"],
          ["name": "URL", "value": "http://$(HOST):$(PORT)"], ["name": "PORT", "value": "80"],
          ["name": "BATCH", "value": "8"],
          ["name": "TOKEN", "valueFrom": ["secretKeyRef": ["name": "s", "key": "k"]]],
        ],
      ]))
    #expect(command.words == ["serve", "--batch=8", "--url=http://localhost:$(PORT)"])
    #expect(command.environment.map(\.name) == ["HOST", "URL", "PORT", "BATCH"])
    #expect(command.unresolvedVariables == ["TOKEN"])
    #expect(command.workingDirectory == "/srv")
    #expect(!command.runsImageEntrypoint)
  }

  @Test func `a container without a command runs what its image says`() {
    #expect(ContainerCommand(Container(["args": ["--x"]])).runsImageEntrypoint)
  }

  @Test func `probes have Kubernetes' defaults`() throws {
    let container = Container([
      "ports": [["name": "http", "containerPort": 8000]],
      "readinessProbe": ["httpGet": ["path": "/ready", "port": "http"], "periodSeconds": 1],
    ])
    let probe = try #require(container.readinessProbe)
    #expect(probe.action == .httpGet(path: "/ready", port: .name("http"), headers: []))
    #expect(probe.period == .seconds(1))
    #expect(probe.timeout == .seconds(1))
    #expect(container.portNumber(.name("http")) == 8000)
    #expect(container.portNumber(.name("grpc")) == nil)
  }
}
