"""Who asks, by what a request and its connection carry; and what of that reaches the caller and the audit trail."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.testclient import TestClient

from services.gateway.auth import Authenticator, Principal
from services.gateway.auth.certificates import Peer
from services.gateway.auth.protocol import PEER
from services.gateway.settings import Settings, SettingsError
from services.http.problems import ProblemError
from tests.services.gateway.fake_triton import GATEWAY, IDENTITY
from tests.services.gateway.harness import KEY, RULES, Harness, bearer, key_set, token
from tests.services.gateway.test_tls import settings

BATCH = "batch.inference.svc.cluster.local"
SHOWN = Peer(frozenset({BATCH}), ends=9e9)
DOCUMENT = {"text": "Good."}


def callers(*names: str) -> bytes:
    return json.dumps({"callers": [{"san": name, "scopes": ["classify"]} for name in names]}).encode()


def request(*authorization: str, peer: Peer | None = None) -> Request:
    """With these header fields, over a connection that was opened with the certificate of `peer`."""
    headers = [(b"authorization", value.encode()) for value in authorization]
    return Request({"type": "http", "headers": headers, "state": {PEER: peer} if peer else {}})


def authenticator(*names: str) -> Authenticator:
    """That knows `names` by certificate."""
    return Authenticator(RULES, read_keys=lambda: key_set(key_1=KEY), read_callers=lambda: callers(*names))


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        act()
    return caught.value.problem.status, caught.value.problem.name


def test_a_certificate_is_as_good_as_a_token() -> None:
    """Each by itself tells who asks."""
    known = authenticator(BATCH)
    assert known.authenticate(request(f"Bearer {token()}")).subject == "caller-7"
    assert known.authenticate(request(peer=SHOWN)) == Principal(BATCH, frozenset({"classify"}), "certificate")


def test_of_both_the_token_decides() -> None:
    """It is the token's subject with the token's scopes, and a token that is refused is not made good."""
    known = authenticator(BATCH)
    principal = known.authenticate(request(f"Bearer {token(scope='audit:read')}", peer=SHOWN))
    assert principal == Principal("caller-7", frozenset({"audit:read"}), "token")
    assert refusal(lambda: known.authenticate(request("Bearer a.b", peer=SHOWN))) == (401, "token_malformed")
    assert refusal(lambda: known.authenticate(request("", peer=SHOWN))) == (401, "missing_token")


def test_neither_is_refused() -> None:
    """And so is a certificate where there is no mapping, or that is not in it."""
    without = Authenticator(RULES, read_keys=lambda: key_set(key_1=KEY))
    assert refusal(lambda: authenticator(BATCH).authenticate(request())) == (401, "missing_token")
    assert refusal(lambda: without.authenticate(request(peer=SHOWN))) == (401, "missing_token")
    assert refusal(lambda: authenticator().authenticate(request(peer=SHOWN))) == (403, "certificate_unknown")


def test_two_tokens_are_refused() -> None:
    """Two readers must not see two callers in one request."""
    good = f"Bearer {token()}"
    assert refusal(lambda: authenticator().authenticate(request(good, good))) == (401, "token_repeated")


def test_a_caller_is_taken_out_while_the_gateway_runs() -> None:
    """Its open connections included; a mapping that can't be used changes nothing."""
    document = [callers(BATCH)]
    known = Authenticator(RULES, read_keys=lambda: key_set(key_1=KEY), read_callers=lambda: document[0])
    document[0] = b"callers: ["
    known.check()
    assert known.authenticate(request(peer=SHOWN)).subject == BATCH
    document[0] = callers()
    known.check()
    assert refusal(lambda: known.authenticate(request(peer=SHOWN))) == (403, "certificate_unknown")


def configured(folder: Path, **files: bytes) -> Settings:
    """Settings with these files."""
    paths = {f"auth_{name}_file": folder / name for name in files}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return settings(folder).model_copy(update=paths)


def test_the_settings_name_the_files(tmp_path: Path) -> None:
    """Keys and mapping are read from them."""
    found = configured(tmp_path, jwks=key_set(key_1=KEY), callers=callers(BATCH))
    known = Authenticator.from_settings(found, own_certificate=IDENTITY.chain)
    assert known.authenticate(request(f"Bearer {token()}")).subject == "caller-7"
    assert known.authenticate(request(peer=SHOWN)).subject == BATCH


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "Set GATEWAY_AUTH_JWKS_FILE"),
        ({"jwks": b"{}"}, "give GATEWAY_AUTH_JWKS_FILE"),
        ({"jwks": key_set(key_1=KEY), "callers": b"{}"}, "give GATEWAY_AUTH_CALLERS_FILE"),
        ({"jwks": key_set(key_1=KEY), "callers": callers(GATEWAY)}, "names the gateway itself"),
    ],
)
def test_files_that_cannot_be_used_stop_the_start(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    """With a sentence, which does not name the path."""
    with pytest.raises(SettingsError, match=said) as refused:
        Authenticator.from_settings(configured(tmp_path, **files), own_certificate=IDENTITY.chain)
    assert str(tmp_path) not in str(refused.value)


@pytest.mark.parametrize(
    ("reason", "refused"),
    [
        ("signature_wrong", token(key=ec.generate_private_key(ec.SECP256R1()))),
        ("token_expired", token(exp=1, iat=0)),
        ("key_unknown", token(kid="another")),
    ],
)
def test_the_audit_trail_alone_learns_why(
    harness: Harness, client: TestClient, reason: str, refused: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets the same 401 whatever is wrong, and no log has anything of the token."""
    caplog.set_level(logging.DEBUG)
    answer = client.post("/v1/classify", json=DOCUMENT, headers={"Authorization": f"Bearer {refused}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["detail"] == "The bearer token is not valid."
    (line,) = harness.audit_lines()
    assert (line["outcome"], line["subject"], line["status"]) == (reason, None, 401)
    assert harness.triton.asked == []
    assert not any(part in caplog.text for part in refused.split("."))


@pytest.mark.parametrize("scope", [None, "", "classifyy other", ["classify"]])
def test_a_token_without_the_scope(harness: Harness, client: TestClient, scope: Any) -> None:
    """A known caller without the scope gets a 403 that names it, and is on record by subject."""
    answer = client.post("/v1/classify", json=DOCUMENT, headers=bearer(scope=scope))
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="classify"'
    assert harness.audit_lines()[0]["subject"] == "caller-7"


def test_no_token(client: TestClient) -> None:
    """Without a bearer token the 401 asks for one and names no error, as RFC 6750 wants."""
    answer = client.post("/v1/classify", json=DOCUMENT)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
