"""The Job that loads the gateway from within the cluster, as one of its callers.

Nothing is opened for it: in the configuration's `auth.callers` it is `{service: loadtest, namespace: loadtest, scopes:
[classify]}`, for which the stack makes the namespace, a client certificate and the way to the gateway, and to nothing else.
The other two paths take text as it comes and ask nobody who they are, so no pod is let to them, this one included.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAMESPACE, NAME = "loadtest", "loadtest"
DEADLINE_S = 3600
_SCRIPTS = Path(__file__).parents[1]
_FILES = ("gateway.js", "lib/outcome.js", "lib/payloads.js", "lib/profiles.js", "lib/summary.js", "data/texts.json")
_FOLDER, _TLS = "/loadtest", "/etc/tls"
_USER = 65532
_METADATA = {
    "name": NAME,
    "namespace": NAMESPACE,
    "labels": {
        "app.kubernetes.io/name": NAME,
        "app.kubernetes.io/component": NAME,
        "app.kubernetes.io/part-of": "inference",
        "app.kubernetes.io/managed-by": "kubectl",
    },
}


def manifests(image: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """A List of the scripts' ConfigMap and the Job; `image` is k6, by digest."""
    return {"apiVersion": "v1", "kind": "List", "items": [_scripts(), _job(image, environment)]}


def _scripts() -> dict[str, Any]:
    data = {_key(file): (_SCRIPTS / file).read_text() for file in _FILES}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _METADATA, "data": data}


def _job(image: str, environment: Mapping[str, str]) -> dict[str, Any]:
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "priorityClassName": "inference-comparison",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(image, environment)],
        "volumes": [
            {"name": "scripts", "configMap": {"name": NAME, "items": [{"key": _key(f), "path": f} for f in _FILES]}},
            {"name": "tls", "secret": {"secretName": f"{NAME}-tls", "defaultMode": 0o440}},
        ],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": _METADATA,
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": DEADLINE_S,
            "ttlSecondsAfterFinished": DEADLINE_S,
            "template": {"metadata": {"labels": _METADATA["labels"]}, "spec": pod},
        },
    }


def _container(image: str, environment: Mapping[str, str]) -> dict[str, Any]:
    variables = {
        **environment,
        "GATEWAY_URL": "https://gateway.gateway.svc.cluster.local:8443",
        "SSL_CERT_FILE": f"{_TLS}/ca.crt",
        "TLS_CERTIFICATE": f"{_TLS}/tls.crt",
        "TLS_KEY": f"{_TLS}/tls.key",
    }
    arguments: Sequence[str] = ("run", "--quiet", "--no-usage-report", "--address=127.0.0.1:0", f"{_FOLDER}/gateway.js")
    return {
        "name": NAME,
        "image": image,
        "args": list(arguments),
        "env": [{"name": name, "value": value} for name, value in sorted(variables.items())],
        "resources": {"requests": {"cpu": "500m", "memory": "512Mi"}, "limits": {"cpu": "2", "memory": "512Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "scripts", "mountPath": _FOLDER, "readOnly": True},
            {"name": "tls", "mountPath": _TLS, "readOnly": True},
        ],
    }


def _key(file: str) -> str:
    return file.replace("/", ".")
