"""The issuer as its clients and the gateway see it."""

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from local.errors import LocalError
from local.issuer import AUDIENCE, CLIENT, DISCOVERY, ISSUER, KEY_SET, TOKEN
from local.issuer.client import IssuerClient
from local.issuer.keys import SigningKey, SigningKeys
from local.issuer.server import MAX_FORM_BYTES, authority, client_key, serve
from local.issuer.tokens import ASSERTION_TYPE, client_assertion


@dataclass
class Running:
    """An issuer on a port of its own."""

    url: str
    directory: Path

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and document."""
        trusting = ssl.create_default_context(cafile=authority(self.directory).certificate)
        data = urlencode(form).encode() if form is not None else None
        try:
            with urllib.request.urlopen(self.url + path, data=data, context=trusting, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def form(self, **changes: str | None) -> dict[str, str]:
        """A good one, with changes; a change to None leaves a field out."""
        good = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": client_assertion(client_key(self.directory)),
            "scope": "classify",
        }
        return {name: value for name, value in (good | changes).items() if value is not None}


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Running]:
    """On keys in `tmp_path`."""
    server = serve(tmp_path, port=0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Running(f"https://127.0.0.1:{server.server_address[1]}", tmp_path)
    server.shutdown()
    thread.join()
    server.server_close()


def claims(issuer: Running, token: str) -> dict[str, Any]:
    """The claims of a token that verifies with the keys that are published."""
    published = jwt.PyJWKSet.from_dict(issuer.ask(KEY_SET)[1])
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "at+jwt"
    found: dict[str, Any] = jwt.decode(
        token, published[header["kid"]], algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER
    )
    return found


def test_the_discovery_document_leads_to_keys_and_tokens(issuer: Running) -> None:
    """Under the issuer's own name, as OpenID Connect Discovery has it."""
    status, metadata = issuer.ask(DISCOVERY)
    assert (status, metadata["issuer"]) == (200, ISSUER)
    assert metadata["jwks_uri"] == ISSUER + KEY_SET
    assert metadata["token_endpoint"] == ISSUER + TOKEN
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


def test_a_token_verifies_with_the_published_keys(issuer: Running) -> None:
    """With the scopes that were asked for, for an hour, with all claims of RFC 9068."""
    found = claims(issuer, IssuerClient(issuer.directory, issuer=issuer.url).token("classify audit:read"))
    assert (found["sub"], found["client_id"], found["scope"]) == (CLIENT, CLIENT, "classify audit:read")
    assert found["exp"] - found["iat"] == 3600
    assert found["jti"]


def test_a_rotation_needs_no_restart(issuer: Running) -> None:
    """A published key signs from its activation on; the one before verifies until it is retired."""
    client, keys = IssuerClient(issuer.directory, issuer=issuer.url), SigningKeys(issuer.directory)
    before = client.token("classify")
    new = keys.add().kid
    assert jwt.get_unverified_header(client.token("classify"))["kid"] != new
    keys.activate()
    after = client.token("classify")
    assert jwt.get_unverified_header(after)["kid"] == new
    assert claims(issuer, before)["sub"] == claims(issuer, after)["sub"]
    keys.retire()
    assert claims(issuer, after)["sub"] == CLIENT
    with pytest.raises(KeyError):
        claims(issuer, before)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": None}, (400, "unsupported_grant_type")),
        ({"client_assertion_type": None}, (401, "invalid_client")),
        ({"client_assertion": None}, (401, "invalid_client")),
        ({"client_assertion": "a.b.c"}, (401, "invalid_client")),
        ({"scope": "classify everything"}, (400, "invalid_scope")),
        ({"more": "x" * MAX_FORM_BYTES}, (400, "invalid_request")),
    ],
)
def test_forms_that_are_refused(issuer: Running, changes: dict[str, str | None], expected: tuple[int, str]) -> None:
    """By the codes of RFC 6749, section 5.2."""
    status, document = issuer.ask(TOKEN, issuer.form(**changes))
    assert (status, document) == (expected[0], {"error": expected[1]})


def test_only_the_clients_key_opens_it_and_each_assertion_once(issuer: Running, tmp_path: Path) -> None:
    """Neither another key nor what was seen before."""
    other = client_assertion(SigningKey(tmp_path / "other" / "client.pem"))
    assert issuer.ask(TOKEN, issuer.form(client_assertion=other))[0] == 401
    form = issuer.form()
    assert [issuer.ask(TOKEN, form)[0] for _ in range(2)] == [200, 401]


def test_an_assertion_for_somebody_else_is_refused(issuer: Running) -> None:
    """Its audience is this token endpoint, and its life is short."""
    key = client_key(issuer.directory)
    good = jwt.decode(client_assertion(key), options={"verify_signature": False})
    for changes in ({"aud": "https://other.invalid/token"}, {"exp": good["exp"] + 3600}, {"sub": "somebody-else"}):
        assertion = jwt.encode(good | {"jti": str(changes)} | changes, key.private, algorithm="ES256")
        assert issuer.ask(TOKEN, issuer.form(client_assertion=assertion))[0] == 401


@pytest.mark.parametrize("path", ["/", "/signing-000001.pem", "/../client.pem", TOKEN])
def test_there_is_nothing_else(issuer: Running, path: str) -> None:
    """Of its folder nothing is served."""
    assert issuer.ask(path)[0] == 404


def test_a_client_says_what_to_do(issuer: Running, tmp_path: Path) -> None:
    """Where the issuer refuses, and where there is none."""
    with pytest.raises(LocalError, match="invalid_scope"):
        IssuerClient(issuer.directory, issuer=issuer.url).token("everything")
    with pytest.raises(LocalError, match="make up"):
        IssuerClient(issuer.directory, issuer="https://127.0.0.1:1").token("classify")


def test_another_authority_is_not_believed(issuer: Running, tmp_path: Path) -> None:
    """A client with a folder of its own finds no issuer there."""
    with pytest.raises(LocalError, match="does not answer"):
        IssuerClient(tmp_path / "elsewhere", issuer=issuer.url).metadata()
