"""A new version goes out while requests come in: none of them fails, none is answered wrongly or goes unrecorded."""

from collections.abc import Callable

import pytest

from tests.e2e.api import Api, pods
from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl
from tests.e2e.load import Load
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e


WORKLOADS = (("gateway", "gateway"), ("inference", "triton"))


def test_no_request_fails_while_every_pod_is_replaced(
    api: Api, kubectl: Kubectl, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """Requests over kept connections, before, during and after the rollouts, all with a right prediction and a record."""
    with make_load() as load:
        load.await_answers(20)
        for namespace, name in WORKLOADS:
            kubectl("rollout", "restart", "-n", namespace, f"deployment/{name}")
        for namespace, name in WORKLOADS:
            kubectl("rollout", "status", "-n", namespace, f"deployment/{name}", "--timeout=170s")
        # The old pods still drain, and the kept connections move to the new ones.
        for namespace, name in WORKLOADS:
            until(lambda: len(pods(api, namespace, name)) == 1, f"the end of the old {name}")  # noqa: B023 - asked here
        load.await_answers(60)
    assert not load.failures(), load.failures()[:3]
    assert not load.wrong()
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})
