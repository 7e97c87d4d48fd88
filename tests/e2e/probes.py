"""Pods that try connections: one where nothing else runs, for each namespace, and the workloads' own."""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from tests.e2e.api import Api
from tests.e2e.conftest import Kubectl
from tests.e2e.waiting import until
from tests.infra.workloads.admission_objects import LABELS, Manifest, confined, container, pod_spec, workload

NAME = "probe"
PORT = 9000
PYTHON = "/opt/venv/bin/python"
_LISTEN = f"import http.server as s; s.ThreadingHTTPServer(('', {PORT}), s.BaseHTTPRequestHandler).serve_forever()"
_TRY = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def reached(target):
    try:
        socket.create_connection(target, 3).close()
        return True
    except OSError:
        return False
targets = [tuple(target) for target in json.loads(sys.argv[1])]
with ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps(list(pool.map(reached, targets))))
"""
_USER = 65532


def pod(namespace: str, image: str, labelled: str | None = None) -> Manifest:
    """A pod like those of the stack, by itself, that listens on PORT; `labelled` as another one is."""
    listening = container(
        NAME,
        image=image,
        command=[PYTHON, "-c", _LISTEN],
        resources={"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}},
        securityContext=confined(runAsUser=_USER, runAsGroup=_USER),
    )
    spec = pod_spec(listening, enableServiceLinks=False, terminationGracePeriodSeconds=0)
    labels = LABELS if labelled is None else {**LABELS, "app.kubernetes.io/name": labelled}
    return workload("Pod", spec, name=NAME, namespace=namespace, labels=labels)


_SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": NAME, "namespace": "default"},
    "spec": {"selector": LABELS, "ports": [{"port": PORT}]},
}


@contextmanager
def placed(api: Api, namespaces: Mapping[str, str | None]) -> Iterator[None]:
    """A probe in each of the namespaces, labelled as it says, and a Service before the one in `default`; all gone afterwards."""
    gateway = api.get("/apis/apps/v1/namespaces/gateway/deployments/gateway")
    image = gateway["spec"]["template"]["spec"]["containers"][0]["image"]
    try:
        for namespace, labelled in namespaces.items():
            api.create(f"/api/v1/namespaces/{namespace}/pods", pod(namespace, image, labelled))
        api.create("/api/v1/namespaces/default/services", _SERVICE)
        for namespace in namespaces:
            await_ready(api, f"/api/v1/namespaces/{namespace}/pods/{NAME}")
        yield
    finally:
        for namespace in namespaces:
            api.delete(f"/api/v1/namespaces/{namespace}/pods/{NAME}", gracePeriodSeconds="0")
        api.delete(f"/api/v1/namespaces/default/services/{NAME}")


def reached_from_pod(kubectl: Kubectl, source: Mapping[str, Any], targets: Sequence[tuple[str, int]]) -> Sequence[bool]:
    """Which of the targets take a TCP connection from a pod, asked inside its container."""
    name = NAME if source["pod"] == NAME else f"deployment/{source['pod']}"
    command = ["exec", "-n", source["namespace"], name, "-c", source["pod"], "--", PYTHON, "-c", _TRY]
    found: list[bool] = json.loads(kubectl(*command, json.dumps(targets)))
    return found


def reached_from_here(targets: Sequence[tuple[str, int]]) -> Sequence[bool]:
    """The same from this machine, which is the node."""
    with ThreadPoolExecutor(len(targets)) as pool:
        return list(pool.map(_reached, targets))


def _reached(target: tuple[str, int]) -> bool:
    try:
        socket.create_connection(target, 3).close()
    except OSError:
        return False
    return True


def await_ready(api: Api, path: str) -> None:
    """Return when the pod is ready."""

    def ready() -> bool:
        conditions = api.get(path)["status"].get("conditions", [])
        return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)

    until(ready, f"readiness of {path}")
