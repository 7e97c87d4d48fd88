"""The trained network as ONNX with eight-bit weights, and the files that serving needs beside it."""

import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from model_build.deid.network import DILATIONS, Network
from model_build.manifest import digest
from services.gateway.deidentify.neural import INPUT, LISTS, NETWORK, OUTPUT, WORDS
from services.gateway.deidentify.neural_features import FEATURES

_OPSET = 20
_IR = 10


class _Graph:
    """Nodes and weights of a graph in the making; names count up, so that the same network gives the same bytes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node with one output; returns the output's name."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, array: NDArray[np.generic]) -> str:
        """A constant; returns its name."""
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, *values: int) -> str:
        return self.weight(np.array(values, dtype=np.int64))


def save(network: Network, words: Sequence[str], lists: Mapping[str, int], folder: Path) -> None:
    """Write network, vocabulary and word lists into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WORDS).write_text("\t".join(words), "utf-8")
    by_bits: defaultdict[int, list[str]] = defaultdict(list)
    for word, bits in sorted(lists.items()):
        by_bits[bits].append(word)
    lines = (" ".join((str(bits), *members)) for bits, members in sorted(by_bits.items()))
    (folder / LISTS).write_text("\n".join(lines) + "\n", "utf-8")
    with TemporaryDirectory() as scratch:
        onnx.save(_model(network), str(Path(scratch) / "float.onnx"))
        _quantise(Path(scratch) / "float.onnx", folder / NETWORK)


def describe(folder: Path) -> dict[str, dict[str, object]]:
    """Size and sha256 of each file of the model."""
    return {
        name: {"sha256": digest(folder / name), "size": (folder / name).stat().st_size}
        for name in (NETWORK, WORDS, LISTS)
    }


def write_manifest(folder: Path, content: Mapping[str, object]) -> None:
    """Write manifest.json."""
    (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n")


def _model(network: Network) -> onnx.ModelProto:
    """int32 [tokens, FEATURES] to float32 [tokens, labels]. The table has one scale a column, which the product
    after the sum takes over."""
    state = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    table = state["table.weight"]
    scale = np.abs(table).max(axis=0) / 127
    graph = _Graph()
    rows = graph.add("Gather", graph.weight(np.round(table / scale).astype(np.int8)), INPUT)
    total = graph.add("ReduceSum", graph.add("Cast", rows, to=TensorProto.FLOAT), graph.integers(1), keepdims=0)
    x = _norm(graph, _linear(graph, total, state["widen.weight"] * scale, state["widen.bias"]), state, "first")
    for index, step in enumerate(DILATIONS):
        padded = graph.add("Pad", x, graph.integers(step, 0, step, 0))
        end, axis = graph.integers(np.iinfo(np.int64).max), graph.integers(0)
        before = graph.add("Slice", padded, graph.integers(0), graph.integers(-2 * step), axis)
        after = graph.add("Slice", padded, graph.integers(2 * step), end, axis)
        around = graph.add("Concat", before, x, after, axis=1)
        mixed = _linear(graph, around, state[f"layers.{index}.mix.weight"], state[f"layers.{index}.mix.bias"])
        x = graph.add("Add", x, graph.add("Relu", mixed))
    scores = _linear(graph, _norm(graph, x, state, "last"), state["head.weight"], state["head.bias"])
    graph.nodes.append(helper.make_node("Softmax", [scores], [OUTPUT], name="softmax", axis=-1))
    labels = state["head.bias"].shape[0]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "deidentify",
            [helper.make_tensor_value_info(INPUT, TensorProto.INT32, ["tokens", FEATURES])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["tokens", labels])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="model_build.deid",
    )
    onnx.checker.check_model(model)
    return model


def _linear(graph: _Graph, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    product = graph.add("MatMul", x, graph.weight(weight.T.astype(np.float32)))
    return graph.add("Add", product, graph.weight(bias))


def _norm(graph: _Graph, x: str, state: Mapping[str, NDArray[np.float32]], name: str) -> str:
    scale, bias = graph.weight(state[f"{name}.weight"]), graph.weight(state[f"{name}.bias"])
    return graph.add("LayerNormalization", x, scale, bias, epsilon=1e-5)


def _quantise(source: Path, target: Path) -> None:
    """Weights of products in seven bits a channel: processors without VNNI may saturate with eight."""
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)  # it recommends a pre-processing that this graph has no use for
    try:
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul"],
        )
    finally:
        logging.getLogger().setLevel(level)
