"""The trained network as ONNX with eight-bit weights, and the files that serving needs beside it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from model_build.deid.network import DILATIONS, Network
from model_build.manifest import digest
from services.gateway.deidentify.neural import INPUT, LISTS, NETWORK, OUTPUT, WORDS
from services.gateway.deidentify.neural_features import FEATURES

_OPSET = 20
_IR = 10
_MICROSOFT = "com.microsoft"
_LEVELS = 64
"""Weights of products have seven bits, -64 to 64: processors without VNNI may saturate with eight."""


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
    onnx.save(_model(network), str(folder / NETWORK))


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
    after the sum takes over. Every product is one of integers; a layer puts its neighbours side by side in eight bits."""
    state = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    table = state["table.weight"]
    scale = np.abs(table).max(axis=0) / 127
    graph = _Graph()
    rows = graph.add("Gather", graph.weight(np.round(table / scale).astype(np.int8)), INPUT)
    total = graph.add("ReduceSum", graph.add("Cast", rows, to=TensorProto.FLOAT), graph.integers(1), keepdims=0)
    widened = _linear(graph, _eight_bits(graph, total), state["widen.weight"] * scale, state["widen.bias"])
    x = _norm(graph, widened, state, "first")
    for index, step in enumerate(DILATIONS):
        here, size, zero = _eight_bits(graph, x)
        padded = graph.add("Pad", here, graph.integers(step, 0, step, 0), zero)
        end, axis = graph.integers(np.iinfo(np.int64).max), graph.integers(0)
        before = graph.add("Slice", padded, graph.integers(0), graph.integers(-2 * step), axis)
        after = graph.add("Slice", padded, graph.integers(2 * step), end, axis)
        around = graph.add("Concat", before, here, after, axis=1), size, zero
        mixed = _linear(graph, around, state[f"layers.{index}.mix.weight"], state[f"layers.{index}.mix.bias"])
        x = graph.add("Add", x, graph.add("Relu", mixed))
    last = _eight_bits(graph, _norm(graph, x, state, "last"))
    scores = _linear(graph, last, state["head.weight"], state["head.bias"])
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
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)],
        ir_version=_IR,
        producer_name="model_build.deid",
    )
    onnx.checker.check_model(model)
    return model


def _eight_bits(graph: _Graph, x: str) -> tuple[str, str, str]:
    """What `x` is in eight bits: the values, the size of a step, and which of them stands for zero."""
    name = f"eightbits_{len(graph.nodes)}"
    outputs = (f"{name}_values", f"{name}_size", f"{name}_zero")
    graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [x], outputs, name=name))
    return outputs


def _linear(graph: _Graph, x: tuple[str, str, str], weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    """https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulIntegerToFloat"""
    values, size, zero = x
    step = (np.abs(weight).max(axis=1) / _LEVELS).astype(np.float32)
    step[step == 0] = 1
    levels = np.round(weight / step[:, None]).astype(np.int8)
    return graph.add(
        "MatMulIntegerToFloat",
        *(values, graph.weight(levels.T), size, graph.weight(step)),
        *(zero, graph.weight(np.zeros(len(step), np.int8)), graph.weight(bias)),
        domain=_MICROSOFT,
    )


def _norm(graph: _Graph, x: str, state: Mapping[str, NDArray[np.float32]], name: str) -> str:
    scale, bias = graph.weight(state[f"{name}.weight"]), graph.weight(state[f"{name}.bias"])
    return graph.add("LayerNormalization", x, scale, bias, epsilon=1e-5)
