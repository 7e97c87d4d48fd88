"""Fewer bits: INT8 for processors, FP16 for GPUs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16

from model_build.export import strip


def quantise(source: Path, target: Path, *, weight_bits: int) -> None:
    """Write INT8: weights per channel in seven or eight bits, activations in eight, whose range each run finds anew."""
    with _quiet():  # it recommends a pre-processing that this exporter has done already
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=weight_bits == 7)
    model = onnx.load(target)
    shapes = list(model.graph.value_info)
    strip(model)
    model.graph.value_info.extend(shapes)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def halve(source: Path, target: Path) -> None:
    """Write FP16 with inputs and output as they were; what half precision cannot hold becomes what it can."""
    model = convert_float_to_float16(onnx.load(source), keep_io_types=True, disable_shape_infer=True)
    strip(model)
    onnx.checker.check_model(model)
    onnx.save(model, target)


@contextmanager
def _quiet() -> Iterator[None]:
    logger = logging.getLogger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
