"""`python -m services.gateway` as a process."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from jwt.algorithms import ECAlgorithm

from tests.pki import mount
from tests.services.gateway.fake_triton import AUTHORITY, LOOPBACK
from tests.services.gateway.harness import KEY, bearer

REPO = Path(__file__).parents[3]


@dataclass
class Gateway:
    """A gateway that listens on `port`, with its certificate mounted in `tls`; its audit trail is in the folder `audit`."""

    process: subprocess.Popen[str]
    port: int
    tls: Path
    audit: Path

    def requests_on_record(self) -> list[dict[str, object]]:
        """The audit trail, without what it says of itself."""
        records = [json.loads(line) for path in self.audit.glob("*.jsonl") for line in path.read_text().splitlines()]
        return [record for record in records if record["kind"] == "request"]


@contextmanager
def started(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway without Triton."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "a"}]}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    audit = tmp_path / "audit"
    audit.mkdir()
    settings = {
        "TRITON_URL": "dns:///127.0.0.1:1",
        "AUTH_ISSUER": "https://issuer.test.invalid",
        "AUTH_AUDIENCE": "inference-gateway",
        "AUTH_JWKS_FILE": str(jwks),
        "TLS_CERTIFICATE": str(tmp_path / "tls/tls.crt"),
        "TLS_KEY": str(tmp_path / "tls/tls.key"),
        "TRITON_CA": str(tmp_path / "tls/ca.crt"),
        "PORT": str(port),
        "DRAIN_S": "60",
        "AUDIT_DIR": str(audit),
    }
    mount(tmp_path / "tls", AUTHORITY.leaf(LOOPBACK), AUTHORITY.pem)
    with (
        subprocess.Popen(
            [sys.executable, "-m", "services.gateway"],
            cwd=REPO,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {f"GATEWAY_{name}": value for name, value in settings.items()},
        ) as process,
    ):
        try:
            assert process.stderr
            assert any("Uvicorn running on https://" in line for line in process.stderr)
            yield Gateway(process, port, tmp_path / "tls", audit)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway for every test that leaves it running."""
    with started(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


def ask(gateway: Gateway, path: str, *, data: bytes | None = None) -> tuple[int, str]:
    """Status and body of a request over TLS, by a client that verifies the certificate."""
    trusting = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
    headers = {"Content-Type": "application/json", **bearer(kid="a")}
    request = urllib.request.Request(f"https://{LOOPBACK}:{gateway.port}{path}", data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, context=trusting, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_serves_tls_alone(gateway: Gateway) -> None:
    """A request in clear gets no answer."""
    assert ask(gateway, "/livez")[0] == 200
    with pytest.raises(OSError, match=r"reset|closed|Remote end"):
        urllib.request.urlopen(f"http://{LOOPBACK}:{gateway.port}/livez", timeout=30)


def test_it_drains_when_told_to_stop(tmp_path: Path) -> None:
    """After SIGTERM it says that it stops, and serves; a second one ends it."""
    with started(tmp_path) as gateway:
        gateway.process.send_signal(signal.SIGTERM)
        while "stopping" not in ask(gateway, "/healthz")[1]:
            assert gateway.process.poll() is None
        assert ask(gateway, "/livez")[0] == 200
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(timeout=60) in (0, -signal.SIGTERM)


def test_without_triton_requests_are_refused_and_on_record(gateway: Gateway) -> None:
    """Each is answered with 503, and has one line of the audit trail when its answer is there."""
    lines: list[dict[str, object]] = []
    while not lines or lines[-1]["outcome"] != "model_unavailable":  # until the de-identifier is loaded
        status, _ = ask(gateway, "/v1/classify", data=b'{"text": "The nurse was kind to all of us."}')
        before, lines = lines, gateway.requests_on_record()
        assert len(lines) == len(before) + 1
        assert (status, lines[-1]["status"]) == (503, 503)


def test_a_renewed_certificate_is_taken_up_by_the_process(gateway: Gateway) -> None:
    """Without a restart, and without a signal."""
    renewed = AUTHORITY.leaf(LOOPBACK)
    mount(gateway.tls, renewed, AUTHORITY.pem)
    while ssl.get_server_certificate((LOOPBACK, gateway.port)).encode() != renewed.chain:
        assert ask(gateway, "/livez")[0] == 200
