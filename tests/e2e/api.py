"""Questions to the real API server, as the stack's administrator or, by impersonation, as somebody else."""

import base64
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml


class Refused(Exception):
    """The API server did not do it; the text is its own message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class Api:
    """A client of the Kubernetes API; `path` as in its documentation, bodies as objects."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """One object or a list."""
        return self._asked("GET", path, parameters=parameters)

    def items(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """The objects of a list."""
        found: list[dict[str, Any]] = self.get(path, **parameters)["items"]
        return found

    def create(self, path: str, body: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Create one object; with `dry_run` it passes authorization and admission and is not kept."""
        return self._asked("POST", path, body=body, parameters={"dryRun": "All"} if dry_run else {})

    def patch(self, path: str, body: Any) -> dict[str, Any]:
        """Merge `body` into an object (RFC 7396)."""
        return self._asked("PATCH", path, body=body, content_type="application/merge-patch+json")

    def delete(self, path: str, **parameters: str) -> None:
        """Delete one object; one that is not there is fine."""
        try:
            self._asked("DELETE", path, parameters=parameters)
        except Refused as refused:
            if refused.status != 404:
                raise

    def may(self, review: Mapping[str, Any]) -> bool:
        """What the API server's authorizer answers to a SubjectAccessReview."""
        answered = self.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
        return bool(answered["status"]["allowed"])

    def _asked(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        parameters: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        answer = self._client.request(
            method, path, json=body, params=dict(parameters or {}), headers={"Content-Type": content_type}
        )
        said: dict[str, Any] = answer.json() if answer.content else {}
        if answer.is_error:
            raise Refused(answer.status_code, said.get("message", answer.text))
        return said


@contextmanager
def connected(kubeconfig: Path) -> Iterator[Api]:
    """The cluster of a kubeconfig that holds a client certificate."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(cadata=_decoded(cluster["certificate-authority-data"]))
    with tempfile.NamedTemporaryFile("w") as pair:
        pair.write(_decoded(user["client-key-data"]) + _decoded(user["client-certificate-data"]))
        pair.flush()
        context.load_cert_chain(pair.name)
    with httpx.Client(base_url=cluster["server"], verify=context, timeout=30, trust_env=False) as client:
        yield Api(client)


def pods(api: Api, namespace: str, name: str) -> list[dict[str, Any]]:
    """The pods of a workload, those that are leaving among them."""
    return api.items(f"/api/v1/namespaces/{namespace}/pods", labelSelector=f"app.kubernetes.io/name={name}")


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode()
