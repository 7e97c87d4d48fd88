"""A classifier as ONNX: exported in single precision, then quantised to eight bits for the CPU."""

import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from model_build.checkpoint import Classifier

INPUTS = ("input_ids", "attention_mask")
OUTPUT = "logits"


class _Logits(torch.nn.Module):  # type: ignore[misc]  # mypy skips torch
    """The checkpoint with serving's two inputs, int64 [batch, sequence], and one output, float32 [batch, 2]."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def export(classifier: Classifier, path: Path) -> None:
    """Write single-precision ONNX with a free batch and sequence length, by torch's current exporter.

    What the exporter notes down for debugging is left out: it holds stack traces with paths of this machine, so that
    the bytes would differ from machine to machine.
    """
    # The plain attention exports to a third fewer nodes than the fused one, and runs as fast.
    classifier.model.set_attn_implementation("eager")
    ids = torch.full((3, 12), 5, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence", min=2, max=classifier.max_tokens)}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # notices from torch about its own deprecations
        program = torch.onnx.export(
            _Logits(classifier.model).eval(),
            (ids, mask),
            dynamo=True,
            verbose=False,
            external_data=False,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_shapes=dict.fromkeys(INPUTS, axes),
        )
    if program is None:
        raise TypeError("torch.onnx.export returned no program")
    program.save(str(path), include_initializers=True, external_data=False)
    model = onnx.load(path)
    _strip(model)
    onnx.save(model, path)


def quantise(source: Path, target: Path) -> None:
    """Write INT8 with dynamic activations, weights per channel in seven bits.

    Seven bits, because x86 processors without VNNI add pairs of 8-bit products in 16 bits and may saturate: the machine
    that serves is not the one that builds. Speed is the same.
    """
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)  # it recommends a pre-processing that this exporter has done already
    try:
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    finally:
        logging.getLogger().setLevel(level)
    model = onnx.load(target)
    _strip(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def opset(path: Path) -> int:
    """The version of ONNX's own operators that the model at `path` asks for."""
    model = onnx.load(path)
    return next(int(entry.version) for entry in model.opset_import if not entry.domain)


def reference(classifier: Classifier, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """What the checkpoint itself answers: float32 [batch, 2]."""
    with torch.no_grad():
        answer = classifier.model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
    return np.asarray(answer.logits.numpy(), dtype=np.float32)


def _strip(model: onnx.ModelProto) -> None:
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.value_info[:]  # shapes of weights before constant folding, which contradict those after it
