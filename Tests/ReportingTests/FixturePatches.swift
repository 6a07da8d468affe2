extension Fixture {
  static let jsonPatch = """
    [
      {"op": "replace", "path": "/spec/predictors/0/template/spec/containers/0/resources/limits/cpu", "value": "2"},
      {"op": "replace", "path": "/spec/predictors/0/template/spec/containers/0/resources/limits/memory", "value": "512Mi"},
      {"op": "add", "path": "/spec/predictors/0/batching", "value": {"batchSize": 16}}
    ]
    """

  static let kustomize = """
    resources: [inference.yaml]
    patches:
      - target: {group: serving.kubedl.io, version: v1alpha1, kind: Inference, name: minilm}
        patch: |-
          - op: replace
            path: /spec/predictors/0/template/spec/containers/0/resources/limits/cpu
            value: "2"
          - op: replace
            path: /spec/predictors/0/template/spec/containers/0/resources/limits/memory
            value: 512Mi

    """

  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata:
      name: minilm
    spec:
      framework: Triton
      predictors:
        - name: minilm
          batching: {batchSize: 16}
          template:
            spec:
              containers:
                - name: triton
                  resources:
                    limits: {cpu: "2", memory: 512Mi}

    """
}
