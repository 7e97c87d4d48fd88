"""What the tests that talk to the local stack share: its outputs, tokens, clients and kubectl."""

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from local.paths import REPO

Kubectl = Callable[..., str]


def local(*arguments: str) -> str:
    """Standard output of `python -m local …` in the environment that deploys."""
    command = [str(REPO / ".venv" / "bin" / "python"), "-m", "local", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPO).stdout


@pytest.fixture(scope="session")
def outputs() -> dict[str, Any]:
    """The stack's outputs."""
    found: dict[str, Any] = json.loads(local("outputs"))
    return found


@pytest.fixture(scope="session")
def token() -> str:
    """A bearer token with the scope `classify`."""
    return local("token").strip()


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


@pytest.fixture(scope="session")
def kubectl(outputs: dict[str, Any]) -> Kubectl:
    """Runs kubectl against the stack's cluster and returns its standard output."""
    binary = local("kubectl-path").strip()

    def run(*arguments: str, check: bool = True) -> str:
        command = ["kubectl", "--kubeconfig", outputs["kubeconfig"], *arguments]
        result = subprocess.run(command, executable=binary, capture_output=True, text=True, timeout=180)
        assert not check or result.returncode == 0, result.stderr
        return result.stdout if result.returncode == 0 else result.stderr

    return run
