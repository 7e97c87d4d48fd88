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
from pathlib import Path

import pytest
from jwt.algorithms import ECAlgorithm

from tests.services.gateway.harness import KEY

REPO = Path(__file__).parents[3]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A gateway without Triton that listens, and its port."""
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [{**ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "kid": "a"}]}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "TRITON_URL": "dns:///127.0.0.1:1",
        "AUTH_ISSUER": "https://issuer.test.invalid",
        "AUTH_AUDIENCE": "inference-gateway",
        "AUTH_JWKS_FILE": str(jwks),
        "PORT": str(port),
        "DRAIN_S": "60",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "services.gateway"],
        cwd=REPO,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | {f"GATEWAY_{name}": value for name, value in settings.items()},
    ) as process:
        assert process.stderr
        assert any("Uvicorn running on https://" in line for line in process.stderr)
        yield process, port
        process.kill()


def get(port: int, path: str) -> tuple[int, str]:
    """Status and body of a GET over TLS, without verifying the certificate."""
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"https://127.0.0.1:{port}{path}", context=anyone, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_serves_tls_alone_and_drains_when_told_to_stop(gateway: tuple[subprocess.Popen[str], int]) -> None:
    """A request in clear gets no answer; after SIGTERM it says that it stops, and serves; a second one ends it."""
    process, port = gateway
    assert get(port, "/livez")[0] == 200
    with pytest.raises(OSError, match=r"reset|closed|Remote end"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=30)
    process.send_signal(signal.SIGTERM)
    while "stopping" not in get(port, "/healthz")[1]:
        assert process.poll() is None
    assert get(port, "/livez")[0] == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) in (0, -signal.SIGTERM)
