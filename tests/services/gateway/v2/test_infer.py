"""`POST /v2/models/{model}/infer`, byte by byte."""

import json
import math
import struct
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.gateway.deidentify import LanguageRefused
from tests.services.gateway.harness import Harness, TritonError, bearer

INFER = "/v2/models/sentiment/infer"
LENGTH = "Inference-Header-Content-Length"


def tensor(*texts: str, **changes: Any) -> dict[str, Any]:
    """The input TEXT in JSON, with changes."""
    return {"name": "TEXT", "datatype": "BYTES", "shape": [len(texts), 1], "data": list(texts), **changes}


def packed(*texts: bytes) -> bytes:
    """A tensor of strings as the binary extension has it."""
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def ask(client: TestClient, document: dict[str, Any], **options: Any) -> Any:
    return client.post(INFER, json=document, headers={**bearer(), **options.pop("headers", {})}, **options)


def ask_binary(client: TestClient, binary: bytes, *, length: Any = None, **changes: Any) -> Any:
    """The texts behind the JSON, with changes to what the JSON says of them."""
    given = {"name": "TEXT", "datatype": "BYTES", "shape": [1, 1], "parameters": {"binary_data_size": len(binary)}}
    head = json.dumps({"inputs": [{**given, **changes}]}).encode()
    headers = {**bearer(), LENGTH: str(len(head) if length is None else length)}
    return client.post(INFER, content=head + binary, headers=headers)


def assert_problem(answer: Any, status: int) -> None:
    """With the member that clients of the protocol read."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"] == answer.json()["detail"]
    assert "Mary" not in answer.text


@pytest.mark.parametrize("data", [["Mary was kind.", "Bad."], [["Mary was kind."], ["Bad."]]])
def test_texts_in_json_are_answered_in_json(harness: Harness, client: TestClient, data: Any) -> None:
    """De-identified, with the model's own outputs, and the gateway's id instead of the caller's."""
    harness.triton.answers = ((0.25, 0.75), (0.9, 0.1))
    answer = ask(client, {"id": "Mary-1", "inputs": [tensor("", "", data=data)]})
    logits = [math.log(each) for each in (0.25, 0.75, 0.9, 0.1)]
    assert answer.json() == {
        "model_name": "sentiment",
        "model_version": "abc123abc123",
        "id": answer.headers["x-request-id"],
        "parameters": {"policy_version": "policy-9"},
        "outputs": [
            {"name": "LOGITS", "datatype": "FP32", "shape": [2, 2], "data": pytest.approx(logits)},
            {"name": "MODEL_VERSION", "datatype": "BYTES", "shape": [2, 1], "data": ["abc123abc123"] * 2},
        ],
    }
    assert harness.triton.asked == ["<PERSON> was kind.", "Bad."]
    [line] = harness.audit_lines()
    assert (line["route"], line["outcome"]) == ("/v2/models/{model}/infer", "answered")
    assert (line["entities"], line["model"]) == ({"PERSON": 1}, {"name": "sentiment", "version": "abc123abc123"})


def test_texts_behind_the_json(harness: Harness, client: TestClient) -> None:
    """In the form of the binary extension, with shape [n] too."""
    assert ask_binary(client, packed(b"Mary was kind.", "Zoë.".encode()), shape=[2]).status_code == 200
    assert harness.triton.asked == ["<PERSON> was kind.", "Zoë."]


def test_outputs_behind_the_json(client: TestClient) -> None:
    """Those that are wanted so, in the order in which they are asked for."""
    outputs = [
        {"name": "MODEL_VERSION", "parameters": {"binary_data": True}},
        {"name": "LOGITS", "parameters": {"binary_data": True}},
    ]
    answer = ask(client, {"inputs": [tensor("Good.")], "outputs": outputs})
    size = int(answer.headers[LENGTH])
    head = json.loads(answer.content[:size])
    assert [each["parameters"]["binary_data_size"] for each in head["outputs"]] == [16, 8]
    assert answer.content[size:][:16] == packed(b"abc123abc123")
    assert struct.unpack("<2f", answer.content[size:][16:]) == pytest.approx((math.log(0.25), math.log(0.75)))
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"inputs": []},
        {"inputs": [tensor("Mary"), tensor("Mary")]},
        {"inputs": [tensor("Mary", name="Mary")]},
        {"inputs": [tensor("Mary", datatype="FP32")]},
        {"inputs": [tensor("Mary", shape=[2, 1])]},
        {"inputs": [tensor("Mary", "Mary", shape=[1, 2])]},
        {"inputs": [tensor("Mary", shape=[1, 1, 1])]},
        {"inputs": [tensor(*["Mary"] * 33)]},
        {"inputs": [tensor("  ")]},
        {"inputs": [tensor("Mary" * 3000)]},
        {"inputs": [tensor("Mary", data=[1])]},
        {"inputs": [tensor("Mary", data=None)]},
        {"inputs": [tensor("Mary", parameters={"shared_memory_region": "Mary"})]},
        {"inputs": [tensor("Mary")], "parameters": {"sequence_id": 7}},
        {"inputs": [tensor("Mary")], "parameters": {"Mary": "Mary"}},
        {"inputs": [tensor("Mary")], "outputs": [{"name": "Mary"}]},
        {"inputs": [tensor("Mary")], "outputs": [{"name": "LOGITS", "parameters": {"classification": 1}}]},
        {"inputs": [tensor("Mary")], "Mary": 1},
    ],
)
def test_what_the_model_does_not_have_is_refused(harness: Harness, client: TestClient, document: Any) -> None:
    """Nothing is ignored: a parameter without effect would be taken for one with."""
    assert_problem(ask(client, document), 422)
    assert harness.triton.asked == []


@pytest.mark.parametrize(
    ("binary", "changes"),
    [
        (packed(b"Mary"), {"parameters": {"binary_data_size": 9}}),
        (packed(b"Mary")[:-1], {}),
        (packed(b"Mary") + b"\x00\x00", {}),
        (packed(b"Mary\xff"), {}),
        (b"", {}),
        (packed(b"Mary"), {"data": ["Mary"]}),
        (packed(b"Mary"), {"length": 100_000}),
        (packed(b"Mary"), {"length": "Mary"}),
        (packed(b"Mary"), {"length": "-1"}),
    ],
)
def test_a_broken_binary_tensor_is_refused(harness: Harness, client: TestClient, binary: bytes, changes: Any) -> None:
    """Sizes that do not agree, and bytes that are no text."""
    assert_problem(ask_binary(client, binary, **changes), 400)
    assert harness.triton.asked == []


def test_bytes_that_no_tensor_speaks_of_are_refused(client: TestClient) -> None:
    """A text that nobody looked at is none that was de-identified."""
    assert_problem(ask_binary(client, packed(b"Mary"), parameters=None, data=["Good."]), 422)
    assert_problem(ask_binary(client, packed(b"Mary"), length=20), 400)


@pytest.mark.parametrize(("failure", "status"), [(TritonError(), 503), (RuntimeError("Mary"), 500)])
def test_it_fails_as_the_other_route_does(harness: Harness, client: TestClient, failure: Any, status: int) -> None:
    """With the same problems."""
    harness.triton.failure = failure
    assert_problem(ask(client, {"inputs": [tensor("Mary")]}), status)


def test_other_refusals(harness: Harness, client: TestClient) -> None:
    """Language, model, encoding, media type, credentials and paths."""
    harness.deidentifier.failure = LanguageRefused()
    document = {"inputs": [tensor("Mary")]}
    assert_problem(ask(client, document), 422)
    assert_problem(client.post("/v2/models/Mary/infer", json=document, headers=bearer()), 404)
    assert_problem(ask(client, document, headers={"Content-Encoding": "gzip"}), 415)
    assert_problem(ask(client, document, headers={"Content-Type": "text/plain"}), 415)
    assert_problem(client.post(INFER, content=b'{"Mary', headers=bearer()), 400)
    assert_problem(client.post(INFER, json=document), 401)
    assert_problem(client.post(INFER, json=document, headers=bearer(scope="deidentify")), 403)
    assert_problem(client.get("/v2/models/sentiment/versions/Mary", headers=bearer()), 404)
    assert_problem(client.get(INFER, headers=bearer()), 405)
