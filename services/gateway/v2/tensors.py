"""Reads the texts of an inference request and writes the tensors of its answer, in JSON or behind it."""

import math
import struct
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from services.gateway.problems import BAD_BINARY, BAD_INFERENCE, BAD_TENSOR
from services.gateway.triton_client import Scores
from services.gateway.v2.schemas import AnswerTensor, InferRequest, Input, OutputName
from services.http.problems import MALFORMED_JSON, Problem, ProblemError
from services.http.schemas import MAX_TEXTS, Text

_TEXTS = TypeAdapter(list[Text])
_LENGTH = struct.Struct("<I")


def parse(body: bytes, header_length: str | None) -> tuple[InferRequest, list[str]]:
    """The request and its texts. `header_length` is the header that says how much of the body is JSON.

    Raises:
        ProblemError: 400 where it is no such body, 422 where it asks for what there is not; neither repeats any of it.
    """
    size = _size(header_length, len(body))
    problem: Problem = BAD_INFERENCE
    try:
        request = InferRequest.model_validate(from_json(body[:size], allow_inf_nan=False))
        return request, _texts(request.inputs[0], body[size:])
    except ValidationError:
        pass
    except ValueError:
        problem = MALFORMED_JSON
    raise ProblemError(problem)  # outside the handlers: the error, which knows the text, is not chained


def _size(header_length: str | None, whole: int) -> int:
    if header_length is None:
        return whole
    if (
        not (header_length.isascii() and header_length.isdigit())
        or len(header_length) > 12
        or int(header_length) > whole
    ):
        raise ProblemError(BAD_BINARY)
    return int(header_length)


def _texts(tensor: Input, binary: bytes) -> list[str]:
    given = _in_json(tensor) if tensor.parameters is None else _behind(tensor, binary)
    if (tensor.parameters is None and binary) or not _fits(tensor.shape, len(given)):
        raise ProblemError(BAD_TENSOR)
    try:
        return _TEXTS.validate_python(given, strict=True)
    except ValidationError:
        pass
    raise ProblemError(BAD_TENSOR)


def _fits(shape: Sequence[int], count: int) -> bool:
    return math.prod(shape) == shape[0] == count <= MAX_TEXTS


def _in_json(tensor: Input) -> list[str]:
    return [each if isinstance(each, str) else each[0] for each in tensor.data or []]


def _behind(tensor: Input, binary: bytes) -> list[str]:
    """Strings in UTF-8, each behind its length in four bytes."""
    assert tensor.parameters
    if tensor.data is not None or tensor.parameters.binary_data_size != len(binary):
        raise ProblemError(BAD_BINARY)
    texts, at = [], 0
    try:
        while at < len(binary):
            (length,) = _LENGTH.unpack_from(binary, at)
            at += _LENGTH.size + length
            if at > len(binary):
                raise ProblemError(BAD_BINARY)
            texts.append(binary[at - length : at].decode())
    except (struct.error, UnicodeDecodeError):
        texts = []
    if not texts:
        raise ProblemError(BAD_BINARY)
    return texts


def wanted(request: InferRequest) -> list[tuple[OutputName, bool]]:
    """The outputs of the answer, and whether each is wanted as bytes."""
    default = request.parameters is not None and request.parameters.binary_data_output
    if request.outputs is None:
        return [("LOGITS", default), ("MODEL_VERSION", default)]
    return [
        (each.name, default if each.parameters is None else each.parameters.binary_data) for each in request.outputs
    ]


def tensor(name: OutputName, scores: Scores, *, binary: bool) -> tuple[AnswerTensor, bytes]:
    """An output and, where it is wanted as bytes, those."""
    count = len(scores.logits)
    if name == "LOGITS":
        flat = [logit for row in scores.logits for logit in row]
        shape, raw = [count, 2], struct.pack(f"<{len(flat)}f", *flat) if binary else b""
        data: list[float] | list[str] = flat
    else:
        version = scores.model_version.encode()
        shape, raw = [count, 1], (_LENGTH.pack(len(version)) + version) * count if binary else b""
        data = [scores.model_version] * count
    return (
        AnswerTensor(
            name=name,
            datatype="FP32" if name == "LOGITS" else "BYTES",
            shape=shape,
            data=None if binary else data,
            parameters={"binary_data_size": len(raw)} if binary else None,
        ),
        raw,
    )
