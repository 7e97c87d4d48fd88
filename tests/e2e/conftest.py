"""What the tests that talk to the local stack share: its outputs, tokens, clients and kubectl."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.node.addresses import BRIDGE
from local.paths import REPO
from tests.e2e.api import Api, connected
from tests.e2e.audit_lines import AuditLines
from tests.e2e.load import Load

Kubectl = Callable[..., str]


def local(*arguments: str) -> str:
    """Standard output of `python -m local …` in the environment that deploys."""
    return _run("local", *arguments)


def local_node(*arguments: str) -> str:
    """Standard output of `python -m local.node …`, the machine's own node without the stack on it."""
    return _run("local.node", *arguments)


def _run(module: str, *arguments: str) -> str:
    command = [str(REPO / ".venv" / "bin" / "python"), "-m", module, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPO).stdout


@pytest.fixture(scope="session")
def outputs() -> dict[str, Any]:
    """The stack's outputs."""
    found: dict[str, Any] = json.loads(local("outputs"))
    return found


class Tokens:
    """The bearer token that most requests carry, with the scope `classify`."""

    def __init__(self) -> None:
        self.current = local("token").strip()

    def renew(self) -> None:
        """After its key was taken out."""
        self.current = local("token").strip()


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    """What `token` is taken from."""
    return Tokens()


@pytest.fixture
def token(tokens: Tokens) -> str:
    """A bearer token with the scope `classify`."""
    return tokens.current


@pytest.fixture
def anonymous(outputs: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client of the gateway that sends no token."""
    with httpx.Client(base_url=outputs["gateway_url"], timeout=30) as client:
        yield client


@pytest.fixture
def gateway(outputs: dict[str, Any], token: str) -> Iterator[httpx.Client]:
    """A client of the gateway that sends a good token."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=outputs["gateway_url"], headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def fastapi_svc(outputs: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client of the path without gateway and Triton."""
    with httpx.Client(base_url=outputs["fastapi_url"], timeout=30) as client:
        yield client


own_node = pytest.mark.skipif(
    not Path("/sys/class/net", BRIDGE).exists(), reason="the stack is on a cluster that is not this machine's own"
)
"""For tests of what only this machine's own node has."""


@pytest.fixture(scope="session")
def kubectl_path() -> str:
    """The program that is called as kubectl."""
    return local("kubectl-path").strip()


@pytest.fixture(scope="session")
def api(outputs: dict[str, Any]) -> Iterator[Api]:
    """The API server, asked as the administrator."""
    with connected(Path(outputs["kubeconfig"])) as found:
        yield found


@pytest.fixture
def make_load(outputs: dict[str, Any], token: str) -> Callable[[], Load]:
    """Constant load on the gateway, for a `with` block."""
    return lambda: Load(outputs["gateway_url"], token)


@pytest.fixture
def audit_lines(outputs: dict[str, Any], kubectl_path: str, tmp_path: Path) -> Iterator[AuditLines]:
    """The audit records that reach the archive during the test."""
    with AuditLines(kubectl=kubectl_path, kubeconfig=outputs["kubeconfig"], folder=tmp_path) as lines:
        yield lines


@pytest.fixture(scope="session")
def kubectl(outputs: dict[str, Any], kubectl_path: str) -> Kubectl:
    """Runs kubectl against the stack's cluster and returns its standard output."""

    def run(*arguments: str, check: bool = True) -> str:
        command = ["kubectl", "--kubeconfig", outputs["kubeconfig"], *arguments]
        result = subprocess.run(command, executable=kubectl_path, capture_output=True, text=True, timeout=180)
        assert not check or result.returncode == 0, result.stderr
        return result.stdout if result.returncode == 0 else result.stderr

    return run
