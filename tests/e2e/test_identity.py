"""Who calls the gateway: the stack's own issuer, and its keys while they change."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import local
from tests.e2e.load import Load

pytestmark = pytest.mark.e2e


def test_another_signing_key_comes_in_without_a_request_refused(
    outputs: dict[str, Any], token: str, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """Published, known to the gateway without a restart, then used: tokens of the key before stay good meanwhile."""
    with make_load() as load:
        local("issuer", "rotate")
        load.await_answers(20)
    assert load.failures() == []
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})
    newer = local("token").strip()
    assert newer.split(".")[0] != token.split(".")[0]  # the header names the key
    for each in (token, newer):
        answer = httpx.post(
            f"{outputs['gateway_url']}/v1/classify",
            json={"text": "The care was excellent."},
            headers={"Authorization": f"Bearer {each}"},
            timeout=30,
        )
        assert answer.status_code == 200
