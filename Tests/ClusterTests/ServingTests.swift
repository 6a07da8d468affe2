import Controllers
import CustomResources
import Kubernetes
import Testing
import Transport

/// An Inference served on a real node, without KubeDL.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.skipping))
struct ServingTests {
  @Test func `an Inference is served, follows its spec, and settles`() async throws {
    _ = try await SchemaServer.ready()
    try await TestCluster.with(.real) { cluster in
      let controller = ServingController(
        ControllerContext(
          client: cluster.client, namespace: cluster.namespace, now: { Timestamp.now() },
          notify: { _ in }))
      let key = cluster.key("echo")
      @Sendable func isServed(by version: String) async throws -> Bool {
        _ = try await controller.reconcile(key)
        let inference = try await cluster.client.get(.inferences, key)
        guard inference.conditions["Ready"]?.status == .yes else { return false }
        let deployment = try await cluster.client.get(
          .deployments, cluster.key("echo-main"))
        guard DeploymentStatus(deployment).isRolledOut else { return false }
        return try await cluster.client.answer(of: cluster.key("echo")) == version
      }
      var inference = try KubernetesObject(yaml: Self.inference, in: cluster.namespace)
      _ = try await cluster.client.create(.inferences, inference)
      try await eventually("the first version answers", within: .seconds(300)) {
        try await isServed(by: "first")
      }
      let before = try await cluster.client.get(.deployments, cluster.key("echo-main"))
      for _ in 0..<5 { #expect(try await controller.reconcile(key) == .never) }
      let settled = try await cluster.client.get(.deployments, cluster.key("echo-main"))
      #expect(settled.generation == before.generation)

      inference.spec =
        Manifest(
          Self.inference.split(separator: "first").joined(separator: "second"), file: "fixture"
        ).documents.first?.value["spec"]
      _ = try await cluster.client.patch(
        .inferences, key, .merge(["spec": inference.spec ?? [:]]))
      try await eventually("the second version answers", within: .seconds(300)) {
        try await isServed(by: "second")
      }
      let updated = try await cluster.client.get(.deployments, cluster.key("echo-main"))
      #expect(updated.uid == before.uid && updated.generation > before.generation)
    }
  }

  @Test func `what the server refuses is said in a condition`() async throws {
    _ = try await SchemaServer.ready()
    try await TestCluster.with(.real) { cluster in
      let controller = ServingController(
        ControllerContext(
          client: cluster.client, namespace: cluster.namespace, now: { Timestamp.now() },
          notify: { _ in }))
      let long = Self.inference.split(separator: "http-port").joined(
        separator: "predictor-http-port")
      let inference = try KubernetesObject(yaml: long, in: cluster.namespace)
      _ = try await cluster.client.create(.inferences, inference)
      _ = try await controller.reconcile(cluster.key("echo"))
      let condition = try await cluster.client.get(.inferences, cluster.key("echo"))
        .conditions["Ready"]
      #expect(condition?.reason == "Refused")
      #expect(condition?.message.contains("15 characters") == true)
    }
  }

  /// The quantities are written otherwise than an API server gives them back.
  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata: {name: echo}
    spec:
      framework: Stand-in
      predictors:
        - name: main
          replicas: 1
          template:
            spec:
              terminationGracePeriodSeconds: 0
              containers:
                - name: predictor
                  image: \(TestImages.server)
                  imagePullPolicy: IfNotPresent
                  command: [sh, -c]
                  args:
                    - mkdir -p /www && echo first >/www/index.html && exec httpd -f -p 8090 -h /www
                  ports: [{name: http-port, containerPort: 8090}]
                  readinessProbe: {httpGet: {path: /index.html, port: 8090}, periodSeconds: 1}
                  resources:
                    limits: {cpu: 0.10, memory: 32768Ki}
    """
}
