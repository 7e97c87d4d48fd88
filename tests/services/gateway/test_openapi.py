"""The OpenAPI document, and that it is true."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.gateway.clock import SystemClock
from services.gateway.limits.quota import Quota
from services.http.schemas import ProblemDetails, V2Problem
from tests.services.gateway import conformance
from tests.services.gateway.harness import Harness, TritonError, token
from tests.services.gateway.served import listening

TEXT_ROUTES = {"/v1/classify", "/v1/deidentify", "/v2/models/{model}/infer"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(conformance.document())
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(path, operation) for path, methods in document["paths"].items() for operation in methods.values()]


def test_every_route_of_the_api_is_described(document: dict[str, Any]) -> None:
    """With its scope, for both ways to authenticate."""
    needed = {path: operation["security"] for path, operation in operations(document)}
    assert needed == {
        path: [{"bearer": [scope]}, {"certificate": [scope]}]
        for path, scope in {
            "/v1/classify": "classify",
            "/v1/deidentify": "deidentify",
            "/v1/audit": "audit:read",
            "/v2": "classify",
            "/v2/health/live": "classify",
            "/v2/health/ready": "classify",
            "/v2/models/{model}": "classify",
            "/v2/models/{model}/ready": "classify",
            "/v2/models/{model}/infer": "classify",
        }.items()
    }
    schemes = {name: (scheme["type"]) for name, scheme in document["components"]["securitySchemes"].items()}
    assert schemes == {"bearer": "http", "certificate": "mutualTLS"}


def test_every_problem_is_described(document: dict[str, Any]) -> None:
    """Each status that a route may answer, as problem details, with examples that are some."""
    always = {"401", "403", "405", "429", "500", "503"}
    for path, operation in operations(document):
        more = {"400", "408", "413", "415", "422"} if path in TEXT_ROUTES else set()
        assert set(operation["responses"]) - {"200", "404"} == always | more
        assert ("404" in operation["responses"]) == ("{model}" in path)
        model = V2Problem if path.startswith("/v2") else ProblemDetails
        for status, response in operation["responses"].items():
            if status != "200":
                [(media_type, content)] = response["content"].items()
                assert media_type == "application/problem+json"
                examples = [model.model_validate(each["value"]) for each in content["examples"].values()]
                assert {each.status for each in examples} == {int(status)}


def test_the_request_schema_says_what_is_demanded(document: dict[str, Any]) -> None:
    """One of both fields, no other, no null, nothing blank."""
    content = document["paths"]["/v1/classify"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    assert schema["oneOf"] == [{"required": ["text"]}, {"required": ["texts"]}]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["text"]["pattern"] == r"\S"
    assert "anyOf" not in schema["properties"]["texts"]


@pytest.mark.parametrize("failure", [None, TritonError("Mary")])
def test_the_document_is_true(tmp_path: Path, failure: Exception | None) -> None:
    """Whatever is sent, right or wrong: no answer that is not in the document, with Triton and without."""
    harness = Harness(clock=SystemClock(), quota=Quota(10**8, 10**8, 10**4))
    harness.triton.failure = failure
    with listening(harness) as address:
        conformance.check(f"http://{address}", token=token(scope=conformance.SCOPES), folder=tmp_path, real=False)
