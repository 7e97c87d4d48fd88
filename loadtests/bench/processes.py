"""Starts Triton and the gateway from this repository, as their images do."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.credentials import AUDIENCE, ISSUER, LOOPBACK, Credentials
from loadtests.measure import LoadTestError

REPO = Path(__file__).parents[2]
TRITON = REPO / ".venv-triton"
MODEL = REPO / "build/model"
_PLENTY = str(10**8)
_MEMORY = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""As services/gateway/Dockerfile sets it."""


@dataclass(frozen=True)
class Running:
    """Both, and what opens them."""

    triton: str
    gateway_port: int
    gateway_pid: int
    triton_pid: int
    credentials: Credentials


@contextmanager
def running(folder: Path, *, model: Path = MODEL) -> Iterator[Running]:
    """Both, with logs and audit trail in `folder`, Triton with the built `model`; stopped at the end."""
    credentials = Credentials(folder / "credentials")
    triton_port, gateway_port = free_port(), free_port()
    with ExitStack() as stack:
        triton = stack.enter_context(process(folder, "triton", _triton(folder, triton_port, credentials, model), {}))
        environment = _gateway(folder, f"{LOOPBACK}:{triton_port}", gateway_port, credentials)
        gateway = stack.enter_context(
            process(folder, "gateway", [sys.executable, "-m", "services.gateway"], environment)
        )
        yield Running(f"{LOOPBACK}:{triton_port}", gateway_port, gateway.pid, triton.pid, credentials)


def _triton(folder: Path, port: int, credentials: Credentials, model: Path) -> list[str]:
    if not (TRITON / "bin/python").exists() or not (model / "repository").exists():
        raise LoadTestError("Triton or its model is missing: run `make bench-gateway`, which installs both.")
    return [
        *(str(TRITON / "bin/python"), str(REPO / "services/triton/tritonserver.py")),
        f"--backend-directory={backends(folder)}",
        f"--model-repository={model / 'repository'}",
        *("--disable-auto-complete-config", "--allow-http=false", "--allow-metrics=false"),
        *(f"--grpc-address={LOOPBACK}", f"--grpc-port={port}", "--grpc-use-ssl=true", "--grpc-use-ssl-mutual=true"),
        f"--grpc-server-cert={credentials.certificate}",
        f"--grpc-server-key={credentials.key}",
        f"--grpc-root-cert={credentials.authority}",
    ]


def backends(folder: Path) -> Path:
    """A backend folder as services/triton/Dockerfile.cpu makes it."""
    purelib = sysconfig.get_path("purelib", vars={"base": str(TRITON)})
    wheel = Path(purelib) / "pytriton/tritonserver"
    made = folder / "backends"
    shutil.copytree(wheel / "backends/python", made / "python")
    stub = wheel / f"python_backend_stubs/{sys.version_info[0]}.{sys.version_info[1]}/triton_python_backend_stub"
    shutil.copy2(stub, made / "python")
    return made


def _gateway(folder: Path, triton: str, port: int, credentials: Credentials) -> dict[str, str]:
    (folder / "audit").mkdir()
    settings = {
        "TRITON_URL": f"dns:///{triton}",
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_FILE": credentials.key_set,
        "TLS_CERTIFICATE": credentials.certificate,
        "TLS_KEY": credentials.key,
        "TRITON_CA": credentials.authority,
        "PORT": port,
        "AUDIT_DIR": folder / "audit",
        "RATE_REQUESTS_PER_MINUTE": _PLENTY,
        "RATE_TEXTS_PER_MINUTE": _PLENTY,
    }
    return {f"GATEWAY_{name}": str(value) for name, value in settings.items()} | _MEMORY


@contextmanager
def process(
    folder: Path, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """The command with its log in `folder`/`name`.log; at the end it and what it started are stopped."""
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=REPO,
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it left behind


def free_port() -> int:
    """A port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
