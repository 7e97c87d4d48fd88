"""A real Kubernetes API server with its store and nothing else, on loopback, for as long as a test session lasts.

It decides (schemas, defaults, RBAC, admission) and nothing is run: no kubelet, and of the controllers only the one that type-checks
admission policies.
"""

import json
import secrets
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from local import toolchain
from local.node.pki import signing_key_pair
from local.processes import await_condition

START_TIMEOUT_S = 120
_STOP_TIMEOUT_S = 30
Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the API server said: HTTP status and, where it is not 2xx, why."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return self.status < 300

    @property
    def message(self) -> str:
        """Why it was not; empty where it was."""
        return "" if self.ok else str(self.body.get("message", self.body))


class ApiServer:
    """Requests of the owner of the cluster (`system:masters`) or, with `groups`, of somebody who is in these alone."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}

    def get(self, path: str) -> Answer:
        """An object or a list."""
        return self.ask("GET", path)

    def create(self, manifest: Manifest, *, dry_run: bool = False, groups: Sequence[str] = ()) -> Answer:
        """Make an object."""
        return self.ask("POST", self.collection(manifest), manifest, dry_run=dry_run, groups=groups)

    def replace(self, manifest: Manifest, *, dry_run: bool = False, groups: Sequence[str] = ()) -> Answer:
        """Put an object in the place of the one that has its name."""
        return self.ask("PUT", self.address(manifest), manifest, dry_run=dry_run, groups=groups)

    def apply(self, manifest: Manifest, *, dry_run: bool = False, groups: Sequence[str] = ()) -> Answer:
        """Make an object or change the one that has its name, as the engine does (server-side apply)."""
        path = f"{self.address(manifest)}?fieldManager=test&force=true"
        return self.ask("PATCH", path, manifest, "application/apply-patch+yaml", dry_run=dry_run, groups=groups)

    def ask(
        self,
        method: str,
        path: str,
        body: Manifest | None = None,
        content_type: str = "application/json",
        *,
        dry_run: bool = False,
        groups: Sequence[str] = (),
        user: str = "somebody",
    ) -> Answer:
        """Any request; `user` is the caller's name where `groups` are given."""
        whom = [("Impersonate-User", user), *(("Impersonate-Group", group) for group in groups)] if groups else []
        if dry_run:
            path += f"{'&' if '?' in path else '?'}dryRun=All"
        content = None if body is None else json.dumps(body)
        answer = self._client.request(method, path, content=content, headers=[("Content-Type", content_type), *whom])
        known = "json" in answer.headers.get("content-type", "")
        return Answer(answer.status_code, answer.json() if known else {"message": answer.text})

    def address(self, manifest: Manifest) -> str:
        """Path of this object."""
        return f"{self.collection(manifest)}/{manifest['metadata']['name']}"

    def collection(self, manifest: Manifest) -> str:
        """Path of the objects of this kind, in this one's namespace; raises KeyError where the server has no such kind."""
        version, kind = manifest["apiVersion"], manifest["kind"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if (version, kind) not in self._kinds:
            for entry in self.get(root).body.get("resources", []):
                if "/" not in entry["name"]:
                    self._kinds[version, entry["kind"]] = (entry["name"], entry["namespaced"])
        plural, namespaced = self._kinds[version, kind]
        inside = f"/namespaces/{manifest['metadata'].get('namespace', 'default')}" if namespaced else ""
        return f"{root}{inside}/{plural}"


@contextmanager
def running_api_server() -> Iterator[ApiServer]:
    """Starts etcd, kube-apiserver and the policies' status controller, and stops them afterwards."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="api-server-")))
        etcd_port, peer_port, port = _free_ports(3)
        token = secrets.token_hex(16)
        client_url, peer_url = f"http://127.0.0.1:{etcd_port}", f"http://127.0.0.1:{peer_port}"
        stack.enter_context(
            _process(
                root,
                "etcd",
                f"--data-dir={root / 'data'}",
                f"--listen-client-urls={client_url}",
                f"--advertise-client-urls={client_url}",
                f"--listen-peer-urls={peer_url}",
                f"--initial-advertise-peer-urls={peer_url}",
                f"--initial-cluster=default={peer_url}",
                "--unsafe-no-fsync",
                "--log-level=error",
            )
        )
        server = stack.enter_context(_process(root, "kube-apiserver", *_server_flags(root, client_url, port, token)))
        certificate = root / "pki" / "apiserver.crt"
        await_condition(
            lambda: certificate.exists() or _ended(root, server), what="A certificate", timeout_s=START_TIMEOUT_S
        )
        client = stack.enter_context(
            httpx.Client(
                base_url=f"https://127.0.0.1:{port}",
                verify=ssl.create_default_context(cafile=str(certificate)),
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
                trust_env=False,
            )
        )
        await_condition(
            lambda: _ready(client) or _ended(root, server), what="A ready server", timeout_s=START_TIMEOUT_S
        )
        kubeconfig = _kubeconfig(root, port, token, certificate)
        stack.enter_context(
            _process(
                root,
                "kube-controller-manager",
                f"--kubeconfig={kubeconfig}",
                "--controllers=validatingadmissionpolicy-status-controller",
                "--leader-elect=false",
                "--secure-port=0",
            )
        )
        yield ApiServer(client)


def _server_flags(root: Path, etcd_url: str, port: int, token: str) -> list[str]:
    public, private = signing_key_pair(root / "pki", "tokens")
    users = root / "tokens.csv"
    users.touch(mode=0o600)
    users.write_text(f'{token},owner,owner,"system:masters"\n')
    return [
        f"--etcd-servers={etcd_url}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={root / 'pki'}",
        f"--token-auth-file={users}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={public}",
        f"--service-account-signing-key-file={private}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        "--allow-privileged=true",
        # Nothing makes the service accounts of namespaces here.
        "--disable-admission-plugins=ServiceAccount",
        "--profiling=false",
    ]


@contextmanager
def _process(root: Path, name: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """The `kube` program under this name, its output in `<name>.log`; ended, and only it, on leaving."""
    program = root / name
    program.symlink_to(toolchain.path("kube"))
    with (root / f"{name}.log").open("wb") as log:
        child = subprocess.Popen([program, *arguments], cwd=root, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _ended(root: Path, server: subprocess.Popen[bytes]) -> bool:
    """False while it runs; raises AssertionError with what it said last where it ended."""
    assert server.poll() is None, (root / "kube-apiserver.log").read_text()[-2000:]
    return False


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _kubeconfig(root: Path, port: int, token: str, certificate: Path) -> Path:
    file = root / "kubeconfig"
    cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(certificate)}
    file.touch(mode=0o600)
    file.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "clusters": [{"name": "test", "cluster": cluster}],
                "users": [{"name": "owner", "user": {"token": token}}],
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "owner"}}],
            }
        )
    )
    return file


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in listening]
