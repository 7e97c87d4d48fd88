"""The gateway's audit lines while pods come and go: a deleted pod's log is gone, so each is followed from its start."""

import json
import os
import subprocess
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.api import Api
from tests.e2e.waiting import until

_PODS = "/api/v1/namespaces/gateway/pods"
_SELECTOR = "app.kubernetes.io/name=gateway"


class AuditLines:
    """Follows the log of every gateway pod that exists during the `with` block."""

    def __init__(self, api: Api, *, kubectl: str, kubeconfig: str, folder: Path) -> None:
        self._api = api
        self._kubectl = kubectl
        self._command = ["kubectl", "--kubeconfig", kubeconfig, "logs", "--namespace=gateway", "--follow"]
        self._folder = folder
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._follow_new_pods, daemon=True)
        self._followers: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._follow()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._watch.join()
        for follower in self._followers.values():
            follower.terminate()
            follower.wait()

    def await_each(self, request_ids: set[str]) -> None:
        """Return when each of the requests has exactly one line."""
        until(lambda: request_ids <= set(self.counts()), "an audit line for every request", timeout_s=30)
        counted = self.counts()
        repeated = {request_id for request_id in request_ids if counted[request_id] != 1}
        assert not repeated, f"{len(repeated)} requests have more than one audit line"

    def counts(self) -> Counter[str]:
        """How many audit lines each request has."""
        lines = [line for path in self._folder.glob("*.log") for line in path.read_text().splitlines()]
        return Counter(json.loads(line)["request_id"] for line in lines if line.startswith("{") and line.endswith("}"))

    def _follow_new_pods(self) -> None:
        while not self._ended.wait(0.3):
            self._follow()

    def _follow(self) -> None:
        for pod in self._api.items(_PODS, labelSelector=_SELECTOR):
            name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
            statuses = pod["status"].get("containerStatuses", [])
            if uid not in self._followers and any("running" in status["state"] for status in statuses):
                self._followers[uid] = self._start(name, self._folder / f"{uid}.log")

    def _start(self, pod: str, log: Path) -> subprocess.Popen[bytes]:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            command = [*self._command, pod]
            return subprocess.Popen(command, executable=self._kubectl, stdout=descriptor, stderr=subprocess.DEVNULL)
        finally:
            os.close(descriptor)
