"""What holds for every body, and for everything that Triton may answer."""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tritonclient.grpc import service_pb2

from services.gateway import triton_messages
from services.gateway.schemas import DeidentifyRequest
from services.gateway.v2 import tensors
from services.http import body
from services.http.problems import ProblemError
from services.http.schemas import MAX_CHARACTERS, MAX_TEXTS
from tests.services.gateway.audit.test_chain_properties import JSON
from tests.services.gateway.properties import PROPERTY

SHAPES = st.lists(st.integers(-1, 4), max_size=3)
NAMES = st.sampled_from(["LOGITS", "MODEL_VERSION", "OTHER"])
OUTPUTS = st.lists(
    st.tuples(NAMES, st.sampled_from(["FP32", "BYTES", "INT64"]), SHAPES, st.binary(max_size=40)), max_size=3
)


def as_json(value: Any) -> bytes:
    return repr(value).replace("'", '"').replace("None", "null").replace("True", "true").encode("utf-8", "replace")


def outcome(parse: Callable[[], list[str]]) -> list[str] | int:
    """The texts, or the status of the problem; any other error is one of the test."""
    try:
        return parse()
    except ProblemError as error:
        return error.problem.status


FIELDS = ["text", "texts", "conversation", "subject"]


@PROPERTY
@given(st.binary() | JSON.map(as_json) | st.dictionaries(st.sampled_from(FIELDS), JSON).map(as_json))
def test_a_body_is_a_request_or_a_problem(content: bytes) -> None:
    """A request has texts as they have to be; whatever else comes is a problem of the caller's."""
    found = outcome(lambda: body.parse(DeidentifyRequest, content).inputs)
    if isinstance(found, int):
        assert found in (400, 422)
        return
    assert 1 <= len(found) <= MAX_TEXTS
    assert all(1 <= len(text) <= MAX_CHARACTERS and text.strip() for text in found)


@PROPERTY
@given(st.binary() | JSON.map(as_json), st.none() | st.text(max_size=5) | st.integers(-5, 50).map(str))
def test_an_inference_request_is_texts_or_a_problem(content: bytes, length: str | None) -> None:
    """Whatever the header says of where the tensor begins."""
    found = outcome(lambda: tensors.parse(content, length)[1])
    if isinstance(found, int):
        assert found in (400, 422)
        return
    assert 1 <= len(found) <= MAX_TEXTS


@PROPERTY
@given(OUTPUTS, st.integers(1, 3), st.binary(max_size=12), st.booleans())
def test_an_answer_of_triton_is_valid_or_refused(outputs: list[Any], count: int, noise: bytes, fits: bool) -> None:
    """So many pairs of finite numbers and one version of letters and digits; nothing else than ValueError comes of others."""
    response = service_pb2.ModelInferResponse(model_name="sentiment")
    if fits:
        version = len(noise).to_bytes(4, "little") + noise
        outputs = [("LOGITS", "FP32", [count, 2], noise[:8].ljust(8, b"\0") * count), *outputs]
        outputs = [("MODEL_VERSION", "BYTES", [count, 1], version * count), *outputs]
    for name, datatype, shape, raw in outputs:
        response.outputs.add(name=name, datatype=datatype, shape=shape)
        response.raw_output_contents.append(raw)
    with suppress(ValueError):
        logits, version_name = triton_messages.answered(response, model="sentiment", count=count)
        assert len(logits) == count
        assert all(math.isfinite(number) for pair in logits for number in pair)
        assert version_name.isalnum()
        assert len(version_name) <= 64
