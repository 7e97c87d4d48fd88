"""The gateway, loaded from within its cluster: one Job a run, so that no port forward is in the figures."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from loadtests.measure import Load, LoadTestError, Run
from loadtests.targets import NOTHING, Use
from loadtests.targets.job import DEADLINE_S, NAME, NAMESPACE, manifests


class Cluster:
    """`image` has k6 as its program. With KUBECTL and KUBECONFIG, else the kubectl and the cluster of the shell."""

    name = "the gateway from within its cluster"
    paths: Sequence[str] = ("gateway",)

    def __init__(self, image: str, environment: Mapping[str, str] = os.environ, *, poll_s: float = 2.0) -> None:
        if "@sha256:" not in image:
            raise LoadTestError(
                f"{image} may be another image tomorrow: name it by its digest, as NAME@sha256:…."
                if image
                else "No image of k6 is named: set LOADTEST_IMAGE to the stack's output `loadtest_image`."
            )
        self._image, self._environment, self._poll_s = image, dict(environment), poll_s

    def environment(self, path: str) -> Mapping[str, str]:
        """Nothing: the Job has what it needs."""
        return {}

    def use(self) -> Use:
        """Not seen from here."""
        return NOTHING

    def batches(self) -> None:
        """Not seen from here."""

    def measure(self, path: str, load: Load, environment: Mapping[str, str]) -> Run:
        """Make the Job, await its end, read its log, and take it away; LoadTestError where it could not run."""
        made = json.dumps(manifests(self._image, {**environment, **load.environment()}))
        self._kubectl("apply", "-f", "-", given=made)
        try:
            self._await_end()
            log = self._kubectl("logs", "-n", NAMESPACE, f"job/{NAME}")
        finally:
            self._kubectl("delete", "-f", "-", "--wait=true", given=made)
        summaries = [line for line in log.splitlines() if line.startswith('{"path"')]
        if not summaries:
            raise LoadTestError(
                f"The Job's k6 could not run: {(log.strip().splitlines() or ['it printed nothing.'])[0]}"
            )
        return Run.parse(summaries[-1])

    def _await_end(self) -> None:
        ends = time.monotonic() + DEADLINE_S
        while time.monotonic() < ends:
            job: dict[str, Any] = json.loads(self._kubectl("get", "job", "-n", NAMESPACE, NAME, "-o", "json"))
            conditions = job.get("status", {}).get("conditions", [])
            # A broken threshold makes the Job a failed one, whose log is read like any other.
            if any(each["type"] in ("Complete", "Failed") and each["status"] == "True" for each in conditions):
                return
            time.sleep(self._poll_s)
        raise LoadTestError(f"The Job {NAME} did not end: `kubectl describe job -n {NAMESPACE} {NAME}` says why.")

    def _kubectl(self, *arguments: str, given: str | None = None) -> str:
        program = self._environment.get("KUBECTL", "kubectl")
        try:
            asked = subprocess.run(
                ["kubectl", *arguments],
                executable=program,
                env=self._environment,
                input=given,
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise LoadTestError("kubectl is missing: install it, or name one with KUBECTL=….") from None
        if asked.returncode:
            raise LoadTestError(f"kubectl {arguments[0]} failed: {(asked.stderr.strip().splitlines() or ['?'])[-1]}")
        return asked.stdout
