"""The services as processes of this machine, each from its own environment and as its image starts it.

Nothing of Kubernetes is in the way, and fastapi-svc runs twice: with micro-batching, and without as the naive baseline.
"""

import os
import shutil
import socket
import ssl
import subprocess
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

from loadtests.bench import cpu
from loadtests.bench.credentials import AUDIENCE, ISSUER, LOOPBACK, Credentials
from loadtests.measure import SCRIPTS, LoadTestError
from loadtests.targets import Batches, Use, read_batches

REPO = Path(__file__).parents[2]
START_S = 180
_SERVING, _TRITON = REPO / ".venv-serving/bin/python", REPO / ".venv-triton/bin/python"
MODEL = REPO / "build/model"
_PLENTY = 10**8
_TOKEN_S = 1800
"""After how long the next token is made; one is good for an hour."""
_PORTS = ("fastapi-svc", "fastapi-naive", "triton", "triton-grpc", "triton-metrics", "gateway")


class Processes:
    """All of them, running."""

    name = "processes on one machine"
    paths: Sequence[str] = tuple(SCRIPTS)

    def __init__(self, ports: Mapping[str, int], pids: Mapping[str, int], credentials: Credentials) -> None:
        self._ports, self._pids, self._credentials = ports, pids, credentials
        self._token, self._made = "", -float(_TOKEN_S)

    def environment(self, path: str) -> Mapping[str, str]:
        """See `Target`."""
        if time.monotonic() - self._made > _TOKEN_S:
            self._token, self._made = self._credentials.token(), time.monotonic()
        own = self._credentials
        return {
            **os.environ,
            "FASTAPI_URL": self.url("fastapi-naive" if path == "fastapi-naive" else "fastapi-svc"),
            "TRITON_URL": self.url("triton"),
            "TRITON_GRPC": f"{LOOPBACK}:{self._ports['triton-grpc']}",
            "TRITON_CA": str(own.authority),
            "TRITON_CERTIFICATE": str(own.certificate),
            "TRITON_KEY": str(own.key),
            "GATEWAY_URL": self.url("gateway"),
            "TOKEN": self._token,
            "SSL_CERT_FILE": str(own.authority),
        }

    def url(self, service: str) -> str:
        """Where it is."""
        return f"{'https' if service == 'gateway' else 'http'}://{LOOPBACK}:{self._ports[service]}"

    def use(self) -> Use:
        """See `Target`."""
        return Use(
            {name: cpu.seconds(pid) for name, pid in self._pids.items()},
            {name: memory_mib(pid) for name, pid in self._pids.items()},
        )

    def batches(self) -> Batches:
        """See `Target`."""
        return read_batches(self.get("triton-metrics", "/metrics"))

    def get(self, service: str, path: str) -> str:
        """What it answers."""
        context: ssl.SSLContext | None = self._credentials.tls() if service == "gateway" else None
        with urlopen(f"{self.url(service)}{path}", context=context, timeout=10) as answer:  # noqa: S310 - one of ours
            return str(answer.read().decode())

    def await_ready(self) -> None:
        """Until each answers; LoadTestError where one does not in time."""
        ends = time.monotonic() + START_S
        probes = {
            "fastapi-svc": "/readyz",
            "fastapi-naive": "/readyz",
            "triton": "/v2/health/ready",
            "gateway": "/readyz",
        }
        for service, path in probes.items():
            while not self._answers(service, path):
                if time.monotonic() > ends:
                    raise LoadTestError(f"{service} did not get ready: run this with --keep and see its log.")
                time.sleep(0.5)

    def _answers(self, service: str, path: str) -> bool:
        try:
            self.get(service, path)
        except OSError:
            return False
        return True


def memory_mib(pid: int) -> float:
    """Resident memory of a process and its children; what they share is counted once for each."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    children = [int(c) for task in Path(f"/proc/{pid}/task").glob("*/children") for c in task.read_text().split()]
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20 + sum(map(memory_mib, children))


@contextmanager
def running(folder: Path, *, threads: int, model: Path = MODEL) -> Iterator[Processes]:
    """All of them with so many threads an inference and their logs in `folder`; stopped at the end."""
    repository = model.absolute() / "repository"
    if not (_SERVING.exists() and _TRITON.exists() and repository.exists()):
        raise LoadTestError("Triton or the model is missing: run `make loadtest-processes`, which installs both.")
    credentials = Credentials(folder / "credentials")
    ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
    fastapi = [str(_SERVING), "-m", "services.fastapi_svc"]
    commands: dict[str, tuple[list[str], dict[str, object]]] = {
        "fastapi-svc": (fastapi, _fastapi(repository, ports["fastapi-svc"], threads)),
        "fastapi-naive": (
            fastapi,
            {**_fastapi(repository, ports["fastapi-naive"], threads), "FASTAPI_SVC_MICRO_BATCHING": "0"},
        ),
        "triton": (_triton(folder, repository, ports, credentials), {"MODEL_THREADS": threads}),
        "gateway": ([str(_SERVING), "-m", "services.gateway"], _gateway(folder, ports, credentials)),
    }
    with ExitStack() as stack:
        pids = {
            name: stack.enter_context(_process(folder / f"{name}.log", command, environment))
            for name, (command, environment) in commands.items()
        }
        processes = Processes(ports, pids, credentials)
        processes.await_ready()
        yield processes


def _fastapi(repository: Path, port: int, threads: int) -> dict[str, object]:
    settings = {
        "MODEL_DIR": repository / "sentiment/1",
        "THREADS": threads,
        "HOST": LOOPBACK,
        "PORT": port,
        "DRAIN_S": 0,
    }
    return {f"FASTAPI_SVC_{name}": value for name, value in settings.items()}


def _triton(folder: Path, repository: Path, ports: Mapping[str, int], credentials: Credentials) -> list[str]:
    return [
        *(str(_TRITON), str(REPO / "services/triton/tritonserver.py")),
        f"--backend-directory={_backends(folder)}",
        f"--model-repository={repository}",
        "--disable-auto-complete-config",
        *(f"--http-address={LOOPBACK}", f"--http-port={ports['triton']}"),
        *(f"--metrics-address={LOOPBACK}", f"--metrics-port={ports['triton-metrics']}"),
        *(f"--grpc-address={LOOPBACK}", f"--grpc-port={ports['triton-grpc']}"),
        *("--grpc-use-ssl=true", "--grpc-use-ssl-mutual=true"),
        f"--grpc-server-cert={credentials.certificate}",
        f"--grpc-server-key={credentials.key}",
        f"--grpc-root-cert={credentials.authority}",
    ]


def _backends(folder: Path) -> Path:
    """A backend folder as services/triton/Dockerfile.cpu makes it."""
    purelib = sysconfig.get_path("purelib", vars={"base": str(_TRITON.parents[1])})
    wheel, made = Path(purelib) / "pytriton/tritonserver", folder / "backends"
    shutil.copytree(wheel / "backends/python", made / "python")
    version = sysconfig.get_python_version()
    shutil.copy2(wheel / f"python_backend_stubs/{version}/triton_python_backend_stub", made / "python")
    return made


def _gateway(folder: Path, ports: Mapping[str, int], credentials: Credentials) -> dict[str, object]:
    (folder / "audit").mkdir()
    settings = {
        "TRITON_URL": f"dns:///{LOOPBACK}:{ports['triton-grpc']}",
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS_FILE": credentials.key_set,
        "TLS_CERTIFICATE": credentials.certificate,
        "TLS_KEY": credentials.key,
        "TRITON_CA": credentials.authority,
        "PORT": ports["gateway"],
        "AUDIT_DIR": folder / "audit",
        "RATE_REQUESTS_PER_MINUTE": _PLENTY,
        "RATE_TEXTS_PER_MINUTE": _PLENTY,
        "RATE_CONCURRENCY": 1024,
    }
    # Memory as services/gateway/Dockerfile sets it.
    memory = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    return {f"GATEWAY_{name}": value for name, value in settings.items()} | memory


@contextmanager
def _process(log: Path, command: Sequence[str], environment: Mapping[str, object]) -> Iterator[int]:
    variables = os.environ | {name: str(value) for name, value in environment.items()}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPO, env=variables, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
