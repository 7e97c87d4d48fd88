"""The messages of the v2 inference protocol, and nothing between them and the texts: the only file that knows them.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_grpc.md
Tensors of NVIDIA's client library would take as long as the call itself does on this side.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from tritonclient.grpc import service_pb2

_CLASSES = 2
_LONGEST_VERSION = 64
_LENGTH = struct.Struct("<I")


def infer_request(model: str, texts: Sequence[str], *, timeout_us: int) -> Any:
    """A ModelInferRequest: TEXT (BYTES, [n, 1]) for LOGITS and MODEL_VERSION, to be dropped after `timeout_us` microseconds."""
    request = service_pb2.ModelInferRequest(model_name=model)
    request.inputs.add(name="TEXT", datatype="BYTES", shape=(len(texts), 1))
    request.outputs.add(name="LOGITS")
    request.outputs.add(name="MODEL_VERSION")
    request.parameters["timeout"].int64_param = timeout_us
    request.raw_input_contents.append(b"".join(map(_string, texts)))
    return request


def ready_request(model: str) -> Any:
    """A ModelReadyRequest."""
    return service_pb2.ModelReadyRequest(name=model)


def answered(response: Any, *, model: str, count: int) -> tuple[tuple[tuple[float, float], ...], str]:
    """Logits (FP32, [n, 2]) and version (BYTES, [n, 1], all the same) of a ModelInferResponse to `count` texts.

    Raises:
        ValueError: it is not an answer of this model to so many texts.
    """
    if response.model_name != model:
        raise ValueError("another model answered")
    if len(response.outputs) != len(response.raw_output_contents):
        raise ValueError("not one content for each output")
    tensors = {
        output.name: (output, raw) for output, raw in zip(response.outputs, response.raw_output_contents, strict=True)
    }
    return _logits(tensors, count), _version(tensors, count)


def _logits(tensors: Mapping[str, Any], count: int) -> tuple[tuple[float, float], ...]:
    raw = _content(tensors, "LOGITS", "FP32", [count, _CLASSES])
    if len(raw) != 4 * _CLASSES * count:
        raise ValueError("not as many logits as it says")
    logits = struct.unpack(f"<{_CLASSES * count}f", raw)
    if not all(map(math.isfinite, logits)):
        raise ValueError("a logit that is no number")
    return tuple(zip(logits[::2], logits[1::2], strict=True))


def _version(tensors: Mapping[str, Any], count: int) -> str:
    raw = _content(tensors, "MODEL_VERSION", "BYTES", [count, 1])
    version = raw[_LENGTH.size : len(raw) // count].decode()
    if raw != _string(version) * count or not (version.isalnum() and len(version) <= _LONGEST_VERSION):
        raise ValueError("not one model version")
    return version


def _content(tensors: Mapping[str, Any], name: str, datatype: str, shape: list[int]) -> bytes:
    output, raw = tensors.get(name, (None, b""))
    if output is None or output.datatype != datatype or list(output.shape) != shape:
        raise ValueError(f"no {name} of the right form")
    return bytes(raw)


def _string(text: str) -> bytes:
    encoded = text.encode()
    return _LENGTH.pack(len(encoded)) + encoded
