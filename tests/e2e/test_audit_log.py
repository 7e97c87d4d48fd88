"""The API server's audit log is in force, tells no secrets, and is the auditor's to read."""

import json
import uuid
from typing import Any

import pytest

from tests.e2e.api import Api
from tests.e2e.conftest import Kubectl, own_node
from tests.e2e.waiting import until

pytestmark = [pytest.mark.e2e, own_node]


def entries(kubectl: Kubectl, group: str) -> list[dict[str, Any]]:
    """The audit log as somebody of the group reads it."""
    said = kubectl(
        "logs", "-n", "kube-system", "api-audit-log-0", "--tail=4000", "--as=somebody", f"--as-group={group}"
    )
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def test_the_auditor_reads_who_touched_a_secret_and_nothing_of_what_is_in_it(api: Api, kubectl: Kubectl) -> None:
    """Made by the administrator, seen by the auditor: user, verb and name, no body."""
    name, content = f"probe-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"value": content}}
    api.create("/api/v1/namespaces/default/secrets", secret)
    api.delete(f"/api/v1/namespaces/default/secrets/{name}")

    def about() -> list[dict[str, Any]]:
        found = [entry for entry in entries(kubectl, "inference:auditor") if entry["verb"] == "delete"]
        return [entry for entry in found if entry.get("objectRef", {}).get("name") == name]

    [deleted] = until(about, "the record of the deletion")
    assert deleted["user"]["username"] == "local-admin"
    assert deleted["level"] == "Metadata"
    everything = kubectl("logs", "-n", "kube-system", "api-audit-log-0")
    assert content not in everything


@pytest.mark.parametrize("group", ["inference:viewer", "inference:operator", "inference:deployer"])
def test_nobody_else_reads_the_audit_log(kubectl: Kubectl, group: str) -> None:
    """The API server refuses the other groups."""
    said = kubectl("logs", "-n", "kube-system", "api-audit-log-0", "--as=somebody", f"--as-group={group}", check=False)
    assert "forbidden" in said
