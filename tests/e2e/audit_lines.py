"""The gateway's audit records as an auditor reads them: from the log of what fetched them from the gateways' pods."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from infra.access_groups import AUDITOR, group
from tests.e2e.waiting import until

AS_AUDITOR = ("--as=somebody", f"--as-group={group(AUDITOR)}")


class AuditLines:
    """Follows what the collector prints during the `with` block; records reach it within seconds.

    A follower ends with the collector's pod, and with the API server that it asks: another one then reads from the start.
    """

    def __init__(self, *, kubectl: str, kubeconfig: str, folder: Path) -> None:
        self._kubectl = kubectl
        self._command = ["kubectl", "--kubeconfig", kubeconfig, *AS_AUDITOR, "logs", "--namespace=audit", "--follow"]
        self._log = folder / "audit.log"
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._follower: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._follow()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._follower:
            self._follower.terminate()
            self._follower.wait()

    def _follow(self) -> None:
        if self._follower and self._follower.poll() is None:
            return
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        command = [*self._command, "deployment/audit-collector", f"--since-time={self._since}"]
        try:
            self._follower = subprocess.Popen(
                command, executable=self._kubectl, stdout=descriptor, stderr=subprocess.DEVNULL
            )
        finally:
            os.close(descriptor)

    def await_each(self, request_ids: set[str]) -> None:
        """Return when each of the requests has exactly one record."""
        until(lambda: request_ids <= set(self.counts()), "an audit record for every request", timeout_s=60)
        counted = self.counts()
        repeated = {request_id for request_id in request_ids if counted[request_id] != 1}
        assert not repeated, f"{len(repeated)} requests have more than one audit record"

    def await_one(self, request_id: str) -> Mapping[str, Any]:
        """The record of a request."""
        self.await_each({request_id})
        return next(record for record in self.records() if record["request_id"] == request_id)

    def counts(self) -> Counter[str]:
        """How many records each request has."""
        return Counter(record["request_id"] for record in self.records())

    def records(self) -> Sequence[Mapping[str, Any]]:
        """The records of requests so far. What was printed or read again counts once."""
        self._follow()
        lines = self._log.read_text().splitlines(keepends=True)
        printed = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}\n")]
        requests = [record for record in printed if record.get("kind") == "request"]  # others are the log of its own
        return list({(record["chain"], record["sequence"]): record for record in requests}.values())
