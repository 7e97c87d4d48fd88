"""A classifier as ONNX: exported in single precision, from its checkpoint, by torch's current exporter."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface

from model_build.checkpoint import Classifier

INPUTS = ("input_ids", "attention_mask")
OUTPUT = "logits"
_MASKED = -10_000.0
"""Added to the score of what is padding: its exponential is 0 in single precision, and half precision can hold it."""
_PLAIN = "plain"
_PLAIN_FAMILIES = {"bert", "camembert", "distilbert", "electra", "roberta", "xlm-roberta"}
"""Encoders in which every token sees every other: others keep transformers' own attention."""


class _Logits(torch.nn.Module):  # type: ignore[misc]  # mypy skips torch
    """The checkpoint with serving's two inputs, int64 [batch, sequence], and one output, float32 [batch, 2]."""

    def __init__(self, model: torch.nn.Module, order: Sequence[int]) -> None:
        super().__init__()
        self.model, self.order = model, list(order)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits if self.order == [0, 1] else logits[:, self.order]


def export(classifier: Classifier, path: Path) -> None:
    """Write single-precision ONNX with a free batch and sequence length, of ONNX's own operators only.

    ONNX Runtime fuses the rest when it loads the model, for the processor that it finds (skip connections with
    normalisation, scaled products, bias and GELU), and TensorRT does so on a GPU. Of com.microsoft's operators for a whole
    attention, MultiHeadAttention took neither more nor less time; QAttention took two to ten per cent less in two runs on a
    busy processor with VNNI: not enough, so far, to give up what every runtime knows.
    """
    own = classifier.model.config._attn_implementation
    classifier.model.set_attn_implementation(_attention(classifier))
    try:
        program = _program(classifier)
    finally:
        classifier.model.set_attn_implementation(own)
    program.save(str(path), include_initializers=True, external_data=False)
    model = onnx.load(path)
    strip(model)
    # Symbolic shapes, without which ONNX Runtime fuses no skip connection.
    onnx.save(onnx.shape_inference.infer_shapes(model, data_prop=True), path)


def opset(path: Path) -> int:
    """The version of ONNX's own operators that the model at `path` asks for."""
    model = onnx.load(path, load_external_data=False)
    return next(int(entry.version) for entry in model.opset_import if not entry.domain)


def reference(classifier: Classifier, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """What the checkpoint itself answers: float32 [batch, 2], in serving's order of labels."""
    with torch.no_grad():
        answer = classifier.model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
    return np.asarray(answer.logits.numpy()[:, list(classifier.order)], dtype=np.float32)


def strip(model: onnx.ModelProto) -> None:
    """Leave out what the exporter notes down for debugging.

    It holds stack traces with paths of this machine, so that the bytes would differ from machine to machine.
    """
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    del graph.value_info[:]  # shapes of weights before constant folding, which contradict those after it


def _program(classifier: Classifier) -> torch.onnx.ONNXProgram:
    ids = torch.full((3, 12), 5, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence", min=2, max=classifier.max_tokens)}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # notices from torch about its own deprecations
        program = torch.onnx.export(
            _Logits(classifier.model, classifier.order).eval(),
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
    return program


def _attention(classifier: Classifier) -> str:
    """The attention to export with. Transformers' eager one makes its mask in twenty steps, of numbers beyond FP16."""
    if classifier.model.config.model_type not in _PLAIN_FAMILIES:
        return "eager"
    AttentionInterface.register(_PLAIN, _plain_attention)
    AttentionMaskInterface.register(_PLAIN, _plain_mask)
    return _PLAIN


def _plain_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor,
    scaling: float,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    scores = query @ key.transpose(2, 3) * scaling + attention_mask
    return (torch.softmax(scores, dim=-1) @ value).transpose(1, 2), None


def _plain_mask(*_: Any, attention_mask: torch.Tensor, dtype: torch.dtype, **__: Any) -> torch.Tensor:
    return (1 - attention_mask[:, None, None, :].to(dtype)) * _MASKED
