"""In which order a key is published, known and used."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import jwt
import pytest

from local.errors import LocalError
from local.issuer import rotation
from local.issuer.keys import SigningKeys
from local.issuer.process import IssuerProcess
from local.issuer.rotation import knows, retire, rotate
from local.node.addresses import LOOPBACK, Endpoint


class Gateway:
    """Knows the keys that were published to it, from the second question on after each publication."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys, self._known, self.asked = keys, {keys.signing.kid}, 0
        self.signed_by: list[str] = []
        self.lags = True

    def publish(self) -> None:
        self.signed_by.append(self._keys.signing.kid)
        self.lags = True

    def status(self, token: str) -> int:
        self.asked += 1
        if not self.lags:
            self._known = {key["kid"] for key in self._keys.jwks()["keys"]}
        self.lags = False
        return 403 if jwt.get_unverified_header(token)["kid"] in self._known else 401


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path)


@pytest.fixture
def gateway(keys: SigningKeys, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    found = Gateway(keys)
    monkeypatch.setattr(rotation, "knows", lambda url, token: found.status(token) == 403)
    monkeypatch.setattr(rotation, "await_condition", lambda condition, **_: next(None for _ in range(9) if condition()))
    return found


def test_a_new_key_signs_once_the_gateway_knows_it(keys: SigningKeys, gateway: Gateway) -> None:
    """It is published while the old one signs, and the gateway is asked until it knows it."""
    old, said = keys.signing.kid, list[str]()
    rotate(keys, publish=gateway.publish, gateway="http://gateway", say=said.append)
    assert gateway.signed_by == [old]
    assert gateway.asked == 2
    assert keys.signing.kid != old
    assert len(keys.published()) == 2
    retire(keys, publish=gateway.publish, say=said.append)
    assert [key.kid for key in keys.published()] == [keys.signing.kid]
    assert len(said) == 3


def test_a_rotation_that_was_cut_off_is_gone_on_with(keys: SigningKeys, gateway: Gateway) -> None:
    """The old key signs on, and the second attempt makes no third key."""

    def fail() -> None:
        raise LocalError("The engine failed.")

    old = keys.signing.kid
    with pytest.raises(LocalError):
        rotate(keys, publish=fail, gateway="http://gateway", say=lambda line: None)
    assert keys.signing.kid == old
    rotate(keys, publish=gateway.publish, gateway="http://gateway", say=lambda line: None)
    assert keys.signing.kid != old
    assert len(keys.published()) == 2


class _Answers(BaseHTTPRequestHandler):
    status = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status if self.headers["Authorization"] == "Bearer token" else 500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def answering() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "known"), [(403, True), (401, False), (503, False), (200, False)])
def test_a_token_without_scopes_tells_whether_its_key_is_known(answering: str, status: int, known: bool) -> None:
    """The gateway refuses it for its scopes only once it has verified it."""
    _Answers.status = status
    assert knows(answering, "token") is known


def test_a_gateway_that_does_not_answer_does_not_know_it() -> None:
    """While it restarts, say."""
    assert knows("http://127.0.0.1:1", "token") is False


def test_the_process_starts_answers_and_ends(tmp_path: Path) -> None:
    """With its keys kept from one start to the next, and nothing left running."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        listen = Endpoint(LOOPBACK, probe.getsockname()[1])
    process = IssuerProcess(tmp_path, listen)
    try:
        process.start()
        first = SigningKeys(tmp_path).jwks()
        process.start()
        assert SigningKeys(tmp_path).jwks() == first
    finally:
        process.stop()
    assert not list(tmp_path.glob("*.pid"))
