import CustomResources
import Kubernetes
import Tuning

/// The manifests that the tests read.
enum Fixtures {
  static let inference = """
    apiVersion: serving.kubedl.io/v1alpha1
    kind: Inference
    metadata:
      name: embedder
    spec:
      framework: Triton
      predictors:
        - name: main
          modelVersion: mv-1
          batching:
            batchSize: 8
          template:
            spec:
              containers:
                - name: sidecar
                  image: proxy
                - name: predictor
                  image: triton
                  command: ["./serve"]
                  args: ["--threads=2", "--queue", "100"]
                  env:
                    - name: INSTANCES
                      value: "1"
                  ports:
                    - name: predictor-http-port
                      containerPort: 8090
                  resources:
                    requests: {cpu: 500m}
                    limits:
                      cpu: "1"
                      memory: 1Gi
                      aliyun.com/gpu-mem: 8

    """

  static let experiment = """
    apiVersion: morphling.kubedl.io/v1alpha1
    kind: ProfilingExperiment
    metadata:
      name: embedder
    spec:
      targetRef:
        kind: Inference
        name: embedder
        predictor: main
        container: predictor
      objective:
        type: maximize
        objectiveMetricName: throughput_rps / cost
      constraints:
        - metricName: p99
          max: 100ms
        - metricName: error-rate
          max: 0.1%
        - metricName: memory
          max: 2Gi
      cost:
        - resource: cpu
          pricePerHour: 0.04
        - resource: memory
          pricePerHour: 0.005
          per: 1Gi
        - base: 0.1
      maxNumTrials: 30
      parallelism: 2
      serviceProgressDeadline: 90
      samplingLimit: 10%
      regretTolerance: 0.05
      stressTest:
        protocol: http
        port: predictor-http-port
        path: /infer
        headers:
          Content-Type: application/json
        body: '{"text": "hello"}'
        expect: embedding
        arrival: constant
        warmUp: 1500ms
        stepDuration: 3s
        rateMin: 2
        timeout: 5s
      tunableParameters:
        - category: resource
          parameters:
            - name: cpu
              parameterType: double
              feasibleSpace: {min: 500m, max: "2", step: 500m}
            - name: memory
              parameterType: discrete
              feasibleSpace:
                list: ["512Mi", "1024Mi", "2Gi"]
            - name: aliyun.com/gpu-mem
              parameterType: discrete
              feasibleSpace:
                list: [4Gi, 8Gi, 16Gi]
        - category: env
          parameters:
            - name: INSTANCES
              parameterType: int
              feasibleSpace: {min: "1", max: "4", step: "1"}
            - name: MODE
              parameterType: categorical
              feasibleSpace: {list: [fast, safe]}
        - category: args
          parameters:
            - name: --threads
              parameterType: discrete
              scale: log
              feasibleSpace: {list: [1, 2, 4]}
            - name: --queue
              parameterType: discrete
              feasibleSpace: {list: ["10", "100"]}
        - category: batching
          parameters:
            - name: batchSize
              parameterType: discrete
              feasibleSpace: {list: [1, 8, 32]}

    """

  static let service = inference + "---\n" + experiment

  static func decode(
    _ text: String, _ overrides: Overrides = Overrides()
  ) -> (definition: ExperimentDefinition?, diagnostics: Diagnostics) {
    let manifest = Manifest(text, file: "service.yaml")
    return ExperimentDefinition.decode([manifest], overrides: overrides)
  }

  /// An experiment in the shape of those that upstream Morphling publishes.
  static let upstream = """
    apiVersion: "tuning.kubedl.io/v1alpha1"
    kind: ProfilingExperiment
    metadata:
      namespace: serving-tests
      name: digits-grid
    spec:
      requestTemplate: "https://example.org/seven.jpg"
      objective:
        type: maximize
        objectiveMetricName: qps
      algorithm:
        algorithmName: grid
      parallelism: 1
      maxNumTrials: 40
      clientTemplate:
        metadata:
          name: digits-client
        spec:
          template:
            spec:
              containers:
              - name: client
                image: example/client:1
                command: [ "python3" ]
                args: ["client.py", "--model", "digits"]
              restartPolicy: Never
          backoffLimit: 1
      servicePodTemplate:
        template:
          spec:
            containers:
              - name: digits-container
                image: example/digits:1
                env:
                  - name: MODEL_NAME
                    value: "digits"
                resources:
                  requests:
                    cpu: 2
                    memory: "900Mi"
                  limits:
                    cpu: 2
                    memory: "900Mi"
                    # nvidia.com/gpu: "1"
                ports:
                  - containerPort: 8501
      tunableParameters:
        - category: "resource"
          parameters:
            - parameterType: int
              name: "cpu"
              feasibleSpace:
                min: "1"
                max: "4"
                step: "1"
            - parameterType: discrete
              name: "memory"
              feasibleSpace:
                list:
                  - "300Mi"
                  - "900Mi"
        - category: "env"
          parameters:
            - parameterType: double
              name: "GPU_MEM"
              feasibleSpace:
                min: "0.10"
                max: "0.61"
                step: "0.10"
            - parameterType: discrete
              name: "BATCH_SIZE"
              feasibleSpace:
                list:
                  - "1"
                  - "4"
            - parameterType: discrete
              name: "DTYPE"
              feasibleSpace:
                list: ["int8", "fp16"]

    """
}
