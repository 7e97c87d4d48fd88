"""The emulator as a background process of the local stack: start, stop, running; each may be called again."""

import json
import os
import socket
import ssl
import sys
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from local.errors import LocalError
from local.paths import REPO
from local.processes import Process, await_condition

_START_S = 60
_RECORD = "emulator.json"


@dataclass(frozen=True, kw_only=True)
class _Server:
    """Where the emulator answers, and the certificate authority that vouches for it."""

    url: str
    ca_certificate: str

    def request(self, path: str, method: str = "GET") -> None:
        """Ask the emulator's own API; raises URLError or OSError where it does not answer."""
        context = ssl.create_default_context(cafile=self.ca_certificate)
        request = urllib.request.Request(f"{self.url}/moto-api/{path}", method=method)  # noqa: S310 - https, our address
        with urllib.request.urlopen(request, context=context, timeout=30) as response:  # noqa: S310
            response.read()


def start(
    state: Path, *, address: str = "198.18.0.1", port: int = 5566, certificate: Path, key: Path, ca_certificate: Path
) -> None:
    """Start moto at https://address:port and return when it answers over TLS, verified with `ca_certificate`.

    `state` is the folder of its pid and log; moto keeps resources in memory only. Raises LocalError where the port is
    taken or the emulator does not come up.
    """
    process = _process(state)
    if process.pid() is None:
        _refuse_taken(address, port)
    server = _Server(url=f"https://{address}:{port}", ca_certificate=str(ca_certificate))
    process.start(
        [sys.executable, "-m", "local.aws.emulator", address, str(port), certificate, key],
        cwd=REPO,
        env={**os.environ, "PYTHONPATH": str(REPO), "MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "TZ": "UTC"},
    )
    (state / _RECORD).write_text(json.dumps(asdict(server)))

    def answers() -> bool:
        if process.pid() is None:
            raise LocalError(f"The AWS emulator ended at once: {process.tail(1)}")
        return _answers(server)

    await_condition(answers, what="an answer of the AWS emulator", timeout_s=_START_S)


def stop(state: Path) -> None:
    """End the emulator; its resources are lost."""
    _process(state).stop()


def running(state: Path) -> bool:
    """Whether the emulator that was started with this state runs."""
    return _process(state).pid() is not None


def _process(state: Path) -> Process:
    return Process(name="moto", directory=state)


def _refuse_taken(address: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise LocalError(
                f"The AWS emulator cannot listen on {address}:{port} ({os.strerror(error.errno or 0)}): "
                "end what uses the port, or start the node first."
            ) from None


def _answers(server: _Server) -> bool:
    try:
        server.request("")
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise LocalError(
                f"The AWS emulator's certificate is not trusted ({error.reason.verify_message}): "
                "run `make down`, then `make up`."
            ) from None
        return False
    except OSError:
        return False
    return True
