"""Questions to the node's own servers over TLS, with a client certificate."""

import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

from local.node.addresses import API_SERVER, NODE_NAME, Endpoint
from local.node.identities import ADMIN
from local.node.layout import Layout


class Client:
    """Asks with one client certificate and trusts one authority. Proxies of the environment are not used."""

    def __init__(self, *, authority: Path, certificate: Path, key: Path) -> None:
        self._context = ssl.create_default_context(cafile=str(authority))
        self._context.load_cert_chain(certificate, key)

    def ok(self, endpoint: Endpoint, path: str) -> bool:
        """Whether a GET answers 200; False also while nothing listens."""
        return self._get(endpoint, path)[0] == 200

    def read(self, path: str) -> dict[str, Any] | None:
        """An object of the Kubernetes API, or None where there is none, or no API server."""
        status, body = self._get(API_SERVER, path)
        if status != 200:
            return None
        answer = json.loads(body)
        return answer if isinstance(answer, dict) else None

    def _get(self, endpoint: Endpoint, path: str) -> tuple[int, bytes]:
        return _get(HTTPSConnection(endpoint.address, endpoint.port, timeout=5, context=self._context), path)


def admin(layout: Layout) -> Client:
    """The administrator's view of the cluster; its certificate must exist."""
    return Client(
        authority=layout.pki / "ca.crt",
        certificate=layout.pki / f"{ADMIN.name}.crt",
        key=layout.pki / f"{ADMIN.name}.key",
    )


def node_ready(client: Client) -> dict[str, Any]:
    """The node object while it says Ready; empty otherwise."""
    node = client.read(f"/api/v1/nodes/{NODE_NAME}")
    return node if node and condition(node, "Ready").get("status") == "True" else {}


def healthy(endpoint: Endpoint, path: str = "/healthz") -> bool:
    """Whether a health port (plain HTTP, loopback only, no data) answers 200."""
    return _get(HTTPConnection(endpoint.address, endpoint.port, timeout=5), path)[0] == 200


def condition(kubernetes_object: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    """The status condition of this kind; empty where the object or the condition is missing."""
    conditions = ((kubernetes_object or {}).get("status") or {}).get("conditions") or []
    return next((entry for entry in conditions if entry.get("type") == kind), {})


def _get(connection: HTTPConnection, path: str) -> tuple[int, bytes]:
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()
