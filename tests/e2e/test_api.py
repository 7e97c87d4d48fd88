"""The API of the running gateway: that its description is true, and that no log holds what callers write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.paths import STATE
from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl, local, own_node
from tests.services.gateway import conformance
from tests.services.gateway.test_canary import CANARIES, CLASSIFY, DEIDENTIFY, HEADERS, INFER, TEXT, binary, tensor

pytestmark = pytest.mark.e2e
PODS = {"gateway": "deployment/gateway", "inference": "deployment/triton", "audit": "deployment/audit-collector"}


@pytest.fixture
def every_scope(outputs: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client that may use every route."""
    token = local("token", "--scope", conformance.SCOPES).strip()
    with httpx.Client(
        base_url=outputs["gateway_url"], headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        yield client


def test_the_description_is_true(outputs: dict[str, Any], tmp_path: Path) -> None:
    """schemathesis finds no 5xx but 503, and no answer that is not in the OpenAPI document."""
    token = local("token", "--scope", conformance.SCOPES).strip()
    conformance.check(outputs["gateway_url"], token=token, folder=tmp_path, real=True)


def requests() -> list[dict[str, Any]]:
    """Answered and refused ones, with identifiers in every part."""
    clean = {name: value for name, value in HEADERS.items() if name != "Forwarded"}
    plain: list[dict[str, Any]] = [
        {"url": CLASSIFY, "json": {"texts": [TEXT, TEXT.upper()]}},
        {"url": DEIDENTIFY, "json": {"text": TEXT}},
        {"url": INFER, "json": {"id": TEXT, "inputs": [tensor(TEXT)]}},
        {"url": INFER, "json": {"inputs": [tensor(TEXT, name=TEXT)]}},
        {"url": CLASSIFY, "content": f'{{"text": "{TEXT}'.encode(), "headers": {"Content-Type": "application/json"}},
        {"url": CLASSIFY, "json": {TEXT: TEXT}},
        {"url": f"/patients/{CANARIES[0]}", "json": {"text": TEXT}},
        {"url": CLASSIFY, "json": {"text": TEXT}, "headers": {"Authorization": f"Bearer {TEXT}"}},
    ]
    given = binary(TEXT)
    length = given["headers"]["Inference-Header-Content-Length"]
    plain.append({"url": INFER, "content": given["content"], "headers": {"Inference-Header-Content-Length": length}})
    return [{**each, "headers": {**clean, **each.get("headers", {})}} for each in plain]


@own_node
def test_no_log_holds_an_identifier(every_scope: httpx.Client, kubectl: Kubectl, audit_lines: AuditLines) -> None:
    """Neither what the pods and their sidecars print, nor the kubelet's files of that, nor metrics, nor answers."""
    answers = [every_scope.post(each.pop("url"), **each) for each in requests()]
    assert {each.status_code for each in answers} == {200, 400, 401, 404, 422}
    audit_lines.await_each({each.headers["X-Request-Id"] for each in answers})
    printed = [
        kubectl("logs", "-n", namespace, target, "--all-containers", "--tail=-1") for namespace, target in PODS.items()
    ]
    files = [path.read_text(errors="replace") for path in (STATE / "node" / "pod-logs").rglob("*.log")]
    assert files
    metrics = every_scope.get("/metrics").text
    for canary in CANARIES:
        for sink in (*printed, *files, metrics, *(each.text for each in answers)):
            assert canary not in sink
