"""A pod that calls the gateway with the certificate of the machine caller that the local stack knows."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from local.issuer import MACHINE_CALLER
from tests.e2e.api import Api
from tests.e2e.conftest import Kubectl
from tests.e2e.probes import PYTHON, await_ready
from tests.infra.workloads.admission_objects import LABELS, confined, container, pod_spec, workload

SERVICE: str = MACHINE_CALLER["service"]
NAMESPACE: str = MACHINE_CALLER["namespace"]
SAN = f"{SERVICE}.{NAMESPACE}.svc.cluster.local"
_USER = 65532
_CALL = """
import json, ssl, urllib.error, urllib.request
def call(route, body, *, certificate=True):
    context = ssl.create_default_context(cafile="/etc/tls/ca.crt")
    if certificate:
        context.load_cert_chain("/etc/tls/tls.crt", "/etc/tls/tls.key")
    url = f"https://gateway.gateway.svc.cluster.local:8443/v1/{route}"
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30, context=context) as answer:
            return answer.status, json.load(answer)["request_id"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["request_id"]
body = {"text": "The care was excellent."}
print(json.dumps({
    "classify": call("classify", body),
    "deidentify": call("deidentify", body),
    "without the certificate": call("classify", body, certificate=False),
}))
"""


@dataclass(frozen=True)
class Answer:
    """What the gateway said."""

    status: int
    request_id: str


@contextmanager
def placed(api: Api) -> Iterator[None]:
    """The caller's pod, with its certificate mounted; gone afterwards."""
    gateway = api.get("/apis/apps/v1/namespaces/gateway/deployments/gateway")
    calling = container(
        SERVICE,
        image=gateway["spec"]["template"]["spec"]["containers"][0]["image"],
        command=[PYTHON, "-c", "import signal; signal.pause()"],
        resources={"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"cpu": "500m", "memory": "64Mi"}},
        securityContext=confined(runAsUser=_USER, runAsGroup=_USER),
        volumeMounts=[{"name": "tls", "mountPath": "/etc/tls", "readOnly": True}],
    )
    spec = pod_spec(
        calling,
        enableServiceLinks=False,
        terminationGracePeriodSeconds=0,
        securityContext={"fsGroup": _USER},
        volumes=[{"name": "tls", "secret": {"secretName": f"{SERVICE}-tls", "defaultMode": 0o440}}],
    )
    path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    labels = {**LABELS, "app.kubernetes.io/name": SERVICE}
    api.create(path, workload("Pod", spec, name=SERVICE, namespace=NAMESPACE, labels=labels))
    try:
        await_ready(api, f"{path}/{SERVICE}")
        yield
    finally:
        api.delete(f"{path}/{SERVICE}", gracePeriodSeconds="0")


def ask(kubectl: Kubectl) -> Mapping[str, Answer]:
    """What the gateway answers to the pod: to what it may do, to what it may not, and without the certificate."""
    told = json.loads(kubectl("exec", "-n", NAMESPACE, SERVICE, "--", PYTHON, "-c", _CALL))
    return {name: Answer(*answer) for name, answer in told.items()}
