"""Sentence embeddings: Triton's Python backend around ONNX Runtime."""

import json
import os
import sys

# Triton's stub process runs Python isolated: it ignores PYTHONPATH and virtual environments.
sys.path.insert(0, os.environ["PYTHON_PACKAGES"])

import numpy as np
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        parameters = {name: value["string_value"] for name, value in config["parameters"].items()}
        self.inputs = [entry["name"] for entry in config["input"]]
        self.output = config["output"][0]["name"]

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(parameters["intra_op_threads"])
        # A thread which waits for work by spinning burns the very CPU that the limit shares out.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(
            parameters["onnx"], options, providers=["CPUExecutionProvider"]
        )

    def execute(self, requests):
        """Run all requests, which Triton gave as one batch, in a single inference."""
        batches = [
            [triton.get_input_tensor_by_name(request, name).as_numpy() for request in requests]
            for name in self.inputs
        ]
        feed = {name: np.concatenate(batch) for name, batch in zip(self.inputs, batches)}
        (embeddings,) = self.session.run([self.output], feed)

        # A request may itself hold several sentences.
        ends = np.cumsum([len(sentences) for sentences in batches[0]])
        return [
            triton.InferenceResponse([triton.Tensor(self.output, part)])
            for part in np.split(embeddings, ends[:-1])
        ]
