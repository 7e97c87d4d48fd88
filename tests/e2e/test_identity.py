"""Who calls the gateway: with tokens of the stack's own issuer while its keys change, or with a certificate."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e import caller
from tests.e2e.api import Api
from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl, Tokens, local
from tests.e2e.load import Load
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e


def test_another_signing_key_comes_in_without_a_request_refused(
    outputs: dict[str, Any], tokens: Tokens, token: str, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """Published, known to the gateway without a restart, then used; the key before stays good until it is taken out."""
    with make_load() as load:
        local("issuer", "rotate")
        load.await_answers(20)
    assert load.failures() == []
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})
    tokens.renew()
    assert tokens.current.split(".")[0] != token.split(".")[0]  # the header names the key
    assert [_status(outputs, each) for each in (token, tokens.current)] == [200, 200]

    local("issuer", "retire")
    until(lambda: _status(outputs, token) == 401, "a refusal of the retired key's token", timeout_s=180)
    assert _status(outputs, tokens.current) == 200
    until(lambda: any(each["outcome"] == "key_unknown" for each in audit_lines.records()), "the reason", timeout_s=60)


def test_a_machine_calls_with_its_certificate(api: Api, kubectl: Kubectl, audit_lines: AuditLines) -> None:
    """It is known by the certificate's name, may do what its scopes say, and is nobody without the certificate."""
    with caller.placed(api):
        answers = caller.ask(kubectl)
    assert {name: answer.status for name, answer in answers.items()} == {
        "classify": 200,
        "deidentify": 403,
        "without the certificate": 401,
    }
    record = audit_lines.await_one(answers["classify"].request_id)
    assert (record["subject"], record["method"]) == (caller.SAN, "certificate")


def _status(outputs: dict[str, Any], token: str) -> int:
    return httpx.post(
        f"{outputs['gateway_url']}/v1/classify",
        json={"text": "The care was excellent."},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ).status_code
