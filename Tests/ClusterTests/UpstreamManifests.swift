/// Experiments in the form that upstream Morphling publishes: the pod template and the load
/// generator stand in them, and there is no Inference.
enum UpstreamManifests {
  static let all: [(name: String, yaml: String)] = [
    ("grid over resources and variables", grid), ("quoted, with a request template", quoted),
  ]

  private static let grid = """
    apiVersion: "morphling.kubedl.io/v1alpha1"
    kind: ProfilingExperiment
    metadata:
      name: experiment-grid
    spec:
      objective:
        type: maximize
        objectiveMetricName: qps
      algorithm:
        algorithmName: grid
      parallelism: 1
      maxNumTrials: 4
      tunableParameters:
        - category: "resource"
          parameters:
            - parameterType: discrete
              name: "cpu"
              feasibleSpace:
                list:
                  - "500m"
                  - "2000m"
        - category: "env"
          parameters:
            - parameterType: discrete
              name: "BATCH_SIZE"
              feasibleSpace:
                list:
                  - "1"
                  - "32"
      clientTemplate:
        spec:
          template:
            spec:
              containers:
              - name: client
                image: registry.example/client:demo
                resources:
                  requests: {cpu: 800m, memory: "1800Mi"}
                command: [ "python3" ]
                args: ["client.py", "--model", "mobilenet", "--num_tests", "10"]
                imagePullPolicy: IfNotPresent
                env:
                  - name: MODEL_NAME
                    value: "mobilenet"
              restartPolicy: Never
          backoffLimit: 4
      servicePodTemplate:
        template:
          spec:
            containers:
              - name: service-container
                image: registry.example/server:demo
                imagePullPolicy: IfNotPresent
                env:
                  - name: MODEL_NAME
                    value: "mobilenet"
                resources:
                  requests: {cpu: 1, memory: "1800Mi"}
                  limits: {cpu: 1, memory: "1800Mi"}
                ports:
                  - containerPort: 8500
            volumes:
              - {name: cache, emptyDir: {}}
            restartPolicy: Always
    """

  private static let quoted = """
    apiVersion: "morphling.kubedl.io/v1alpha1"
    kind: ProfilingExperiment
    metadata:
      name: "experiment-range"
      labels: {team: "vision"}
    spec:
      tunableParameters:
        - category: "resource"
          parameters:
            - parameterType: int
              name: "cpu"
              feasibleSpace: {min: "1", max: "4", step: "1"}
            - parameterType: double
              name: "memory"
              feasibleSpace: {min: "1", max: "4", step: "0.5"}
        - category: "args"
          parameters:
            - parameterType: categorical
              name: "backend"
              feasibleSpace: {list: ["a", "b"]}
      objective: {type: "minimize", objectiveMetricName: "latency"}
      algorithm:
        algorithmName: "random"
        algorithmSettings: [{name: "seed", value: "1"}]
      maxNumTrials: 3
      parallelism: 2
      requestTemplate: '{"instances": [1]}'
      serviceProgressDeadline: 30
      clientTemplate:
        metadata: {labels: {app: client}}
        spec: {template: {spec: {containers: [{name: c, image: i}], restartPolicy: Never}}}
      servicePodTemplate:
        metadata: {name: x}
        template: {metadata: {labels: {app: server}}, spec: {containers: [{name: s, image: i}]}}
    """
}
