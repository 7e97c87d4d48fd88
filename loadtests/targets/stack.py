"""A stack in a cluster, through the addresses that lead to it on this machine; the local one unless variables say otherwise.

GATEWAY_URL, FASTAPI_URL, TRITON_URL name other addresses (a tunnel's or a port forward's). With KUBECONFIG and KUBECTL it
is seen from outside too: processor time and memory of the pods where this machine is their node, Triton's metrics, and,
who may read the gateway's certificate, Triton over gRPC. What cannot be seen is left out.
"""

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from loadtests.measure import LoadTestError
from loadtests.targets import NOTHING, Batches, Use, read_batches

REPO = Path(__file__).parents[2]
_TOKEN_S = 1800
"""After how long the next token is asked for; one is good for an hour."""
_WORKLOADS = ("fastapi-svc", "triton", "gateway")
_TRITON_GRPC = "triton.inference.svc.cluster.local:18001"
_FILES = {"TRITON_CA": "ca.crt", "TRITON_CERTIFICATE": "tls.crt", "TRITON_KEY": "tls.key"}


class Stack:
    """`folder` holds the gateway's certificate while this runs: delete it afterwards."""

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.name = environment.get("LOADTEST_TARGET", "the local stack")
        self._environment = dict(environment)
        self._given_token = "TOKEN" in environment
        self._asked = -float(_TOKEN_S)
        if "TRITON_GRPC" not in environment:
            self._environment |= self._certificate(folder)
        self.paths: Sequence[str] = ("fastapi-svc", "triton", *self._grpc(), "gateway")

    def _grpc(self) -> Sequence[str]:
        return ("triton-grpc",) if "TRITON_GRPC" in self._environment else ()

    def environment(self, path: str) -> Mapping[str, str]:
        """See `Target`."""
        if not self._given_token and time.monotonic() - self._asked > _TOKEN_S:
            command = [sys.executable, "-m", "local", "token"]
            asked = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
            if asked.returncode:
                raise LoadTestError(asked.stderr.strip())
            self._environment["TOKEN"], self._asked = asked.stdout.strip(), time.monotonic()
        return self._environment

    def use(self) -> Use:
        """See `Target`."""
        found = self._kubectl("get", "pods", "-A", "-o", "json")
        if found is None:
            return NOTHING
        cpu_s: dict[str, float] = {}
        memory_mib: dict[str, float] = {}
        for pod in json.loads(found)["items"]:
            name = pod["metadata"].get("labels", {}).get("app.kubernetes.io/name")
            if name in _WORKLOADS and (used := pod_use(pod["metadata"]["uid"])):
                cpu_s[name] = cpu_s.get(name, 0.0) + used[0]
                memory_mib[name] = memory_mib.get(name, 0.0) + used[1]
        return Use(cpu_s, memory_mib)

    def batches(self) -> Batches | None:
        """See `Target`: the sum of all its pods, through the API server."""
        found = self._kubectl("get", "pods", "-n", "inference", "-l", "app.kubernetes.io/name=triton", "-o", "json")
        pods = [] if found is None else json.loads(found)["items"]
        names = [pod["metadata"]["name"] for pod in pods]
        pages = [
            self._kubectl("get", "--raw", f"/api/v1/namespaces/inference/pods/{name}:8002/proxy/metrics")
            for name in names
        ]
        read = [read_batches(page) for page in pages if page is not None]
        if not read or len(read) < len(names):
            return None
        return Batches(sum(each.inferences for each in read), sum(each.executions for each in read))

    def _certificate(self, folder: Path) -> dict[str, str]:
        """The gateway's, which Triton asks for, in files of `folder`; nothing where it may not be read."""
        found = self._kubectl("get", "secret", "-n", "gateway", "gateway-tls", "-o", "json")
        if found is None:
            return {}
        data: dict[str, Any] = json.loads(found)["data"]
        paths = {variable: folder / name for variable, name in _FILES.items()}
        for path in paths.values():
            path.touch(mode=0o600)
            path.write_bytes(base64.b64decode(data[path.name]))
        addresses = {"TRITON_GRPC": _TRITON_GRPC, "TRITON_AT": "127.0.0.1:18001"}
        return addresses | {variable: str(path) for variable, path in paths.items()}

    def _kubectl(self, *arguments: str) -> str | None:
        program = self._environment.get("KUBECTL")
        if program is None or "KUBECONFIG" not in self._environment:
            return None
        command = ["kubectl", "--request-timeout=10s", *arguments]
        asked = subprocess.run(
            command, executable=program, env=self._environment, capture_output=True, text=True, check=False
        )
        return None if asked.returncode else asked.stdout


def pod_use(uid: str, roots: Sequence[Path] | None = None) -> tuple[float, float] | None:
    """Processor seconds and memory in MiB of a pod of this machine, of either version of cgroups; None where it has none."""
    cpu_s = memory_mib = None
    for folder in _pod_folders(uid, _hierarchies() if roots is None else roots):
        if (file := folder / "cpu.stat").exists() and (match := re.search(r"usage_usec (\d+)", file.read_text())):
            cpu_s = int(match[1]) / 1e6
        if (file := folder / "cpuacct.usage").exists():
            cpu_s = int(file.read_text()) / 1e9
        for name in ("memory.current", "memory.usage_in_bytes"):
            if (file := folder / name).exists():
                memory_mib = int(file.read_text()) / 2**20
    return None if cpu_s is None or memory_mib is None else (cpu_s, memory_mib)


def _hierarchies() -> list[Path]:
    mounts = [line.split(" - ") for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [Path(left.split()[4]) for left, right in mounts if right.split()[0] in ("cgroup", "cgroup2")]


def _pod_folders(uid: str, roots: Sequence[Path]) -> list[Path]:
    """Of the cgroupfs driver or of systemd's, three or four levels below the root."""
    names = (f"pod{uid}", f"*pod{uid.replace('-', '_')}.slice")
    depths = ("*/", "*/*/")
    return [found for root in roots for depth in depths for name in names for found in root.glob(depth + name)]
