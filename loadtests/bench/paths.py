"""The paths to the model that are compared: how each is started, and how it is asked."""

import asyncio
import json
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from loadtests.bench.callers import INFER, Caller, Connection, Kept, infer_message
from loadtests.bench.credentials import LOOPBACK
from loadtests.bench.processes import REPO, TRITON, backends
from loadtests.measure import LoadTestError


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all paths have in common. Delays in microseconds; `folder` takes logs and other files of a run."""

    model: Path
    threads: int
    folder: Path
    max_batch: int = 32
    delay_us: int = 0
    peer_delay_us: int = 2000

    @property
    def version(self) -> Path:
        """The folder of model.onnx."""
        return self.model / "repository/sentiment/1"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A program, and how to ask it."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    caller: Caller


class Http:
    """POST of JSON, on a connection for each client that is kept."""

    def __init__(self, name: str, port: int, path: str, bodies: Sequence[object]) -> None:
        self.name, self._port = name, port
        self.requests: Sequence[bytes] = [_post(path, body) for body in bodies]

    async def connect(self) -> Connection:
        """A connection more."""
        return Kept(self.name, *await asyncio.open_connection(LOOPBACK, self._port))


class Grpc:
    """Triton's ModelInfer; like the gateway's, all calls share one connection."""

    def __init__(self, name: str, port: int, texts: Sequence[str]) -> None:
        self.name, self._port = name, port
        self.requests: Sequence[bytes] = [infer_message(text) for text in texts]
        self._call: Any = None

    async def connect(self) -> Connection:
        """The connection that there is."""
        if self._call is None:
            self._call = grpc.aio.insecure_channel(f"{LOOPBACK}:{self._port}").unary_unary(INFER)
        return self

    async def ask(self, request: bytes) -> None:
        """One request and its whole answer; LoadTestError unless it is a good one."""
        try:
            answer = await self._call(request, timeout=60)
        except grpc.aio.AioRpcError as error:
            raise LoadTestError(f"The {self.name} answered {error.code().name}: {error.details()}") from None
        if not answer:
            raise LoadTestError(f"The {self.name} gave an empty answer: see its log.")

    async def close(self) -> None:
        """Nothing: the others use it too."""


def fastapi_svc(setting: Setting, port: int, texts: Sequence[str], *, naive: bool = False) -> Server:
    """Ours, with micro-batching or as the naive baseline."""
    settings = {
        "MODEL_DIR": setting.version,
        "THREADS": setting.threads,
        "HOST": LOOPBACK,
        "PORT": port,
        "MAX_BATCH": setting.max_batch,
        "BATCH_DELAY_US": setting.delay_us,
        "MICRO_BATCHING": not naive,
        "DRAIN_S": 0,
    }
    name = "fastapi-svc naive" if naive else "fastapi-svc"
    return Server(
        command=[sys.executable, "-m", "services.fastapi_svc"],
        environment={f"FASTAPI_SVC_{key}": str(value) for key, value in settings.items()},
        caller=Http(name, port, "/v1/classify", [{"text": text} for text in texts]),
    )


def triton(setting: Setting, port: int, texts: Sequence[str], *, over_grpc: bool) -> Server:
    """As its image starts it, over one of its two protocols."""
    name = "Triton gRPC" if over_grpc else "Triton HTTP"
    protocol = ("grpc", "http") if over_grpc else ("http", "grpc")
    caller: Caller = Grpc(name, port, texts)
    if not over_grpc:
        wanted = [{"name": "LOGITS"}, {"name": "MODEL_VERSION"}]
        bodies = [
            {"inputs": [{"name": "TEXT", "datatype": "BYTES", "shape": [1, 1], "data": [text]}], "outputs": wanted}
            for text in texts
        ]
        caller = Http(name, port, "/v2/models/sentiment/infer", bodies)
    return Server(
        command=[
            *(_python(TRITON), str(REPO / "services/triton/tritonserver.py")),
            f"--backend-directory={backends(setting.folder)}",
            f"--model-repository={setting.model / 'repository'}",
            *("--disable-auto-complete-config", "--allow-metrics=false", f"--allow-{protocol[1]}=false"),
            *(f"--{protocol[0]}-address={LOOPBACK}", f"--{protocol[0]}-port={port}"),
        ],
        environment={"MODEL_THREADS": str(setting.threads)},
        caller=caller,
    )


def bentoml(setting: Setting, port: int, texts: Sequence[str], *, lent: bool = False) -> Server:
    """BentoML; a request's texts are a list, because batches are made of lists."""
    python = _python(REPO / ".venv-peer-bentoml")
    return Server(
        command=[
            *(python, "-m", "bentoml", "serve", "loadtests.peers.bentoml.service:Sentiment"),
            *("--host", LOOPBACK, "--port", str(port)),
        ],
        environment=_peer(setting, port, lent) | {"BENTOML_HOME": str(setting.folder / "bentoml")},
        caller=Http("BentoML", port, "/classify", [{"texts": [text]} for text in texts]),
    )


def litserve(setting: Setting, port: int, texts: Sequence[str], *, lent: bool = False) -> Server:
    """LitServe."""
    return Server(
        command=[_python(REPO / ".venv-peer-litserve"), "-m", "loadtests.peers.litserve.service"],
        environment=_peer(setting, port, lent),
        caller=Http("LitServe", port, "/predict", [{"text": text} for text in texts]),
    )


def ray_serve(setting: Setting, port: int, texts: Sequence[str], *, lent: bool = False) -> Server:
    """Ray Serve."""
    return Server(
        command=[_python(REPO / ".venv-peer-ray"), "-m", "loadtests.peers.ray.service"],
        environment=_peer(setting, port, lent),
        caller=Http("Ray Serve", port, "/", [{"text": text} for text in texts]),
    )


def _peer(setting: Setting, port: int, lent: bool) -> dict[str, str]:
    """`lent`: the peer chooses as we do which texts of a batch run together; else it pads all to the longest."""
    return {
        "PEER_MODEL_DIR": str(setting.version),
        "PEER_THREADS": str(setting.threads),
        "PEER_MAX_BATCH": str(setting.max_batch),
        "PEER_DELAY_US": str(setting.peer_delay_us),
        "PEER_LENGTH_AWARE": str(int(lent)),
        "PEER_PORT": str(port),
        # What they would write into the home folder, or send home.
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "BENTOML_DO_NOT_TRACK": "True",
    }


def _python(environment: Path) -> str:
    python = environment / "bin/python"
    if not python.exists():
        raise LoadTestError(f"{environment.name} is missing: run `make bench`, which installs it.")
    return str(python)


def _post(path: str, body: object) -> bytes:
    encoded = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(encoded)}\r\n\r\n"
    return head.encode() + encoded
