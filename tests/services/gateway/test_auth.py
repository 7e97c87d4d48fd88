import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.testclient import TestClient

from services.gateway.auth import load_jwks
from services.gateway.settings import SettingsError
from tests.services.gateway.harness import KEY, Harness, bearer, claims, token

OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
DOCUMENT = {"text": "Good."}


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def hmac_token_keyed_with_the_public_key() -> str:
    """The classic confusion: HS256 with the public key, which anybody knows, as the secret."""
    import hashlib
    import hmac

    public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    signed = encoded({"alg": "HS256", "kid": "key-1", "typ": "JWT"}) + "." + encoded(claims())
    signature = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def tampered() -> str:
    header, _, signature = token().split(".")
    return f"{header}.{encoded(claims(sub='somebody-else'))}.{signature}"


PAST = int(time.time()) - 120

REFUSED = {
    "token_expired": token(exp=PAST),
    "token_not_yet_valid": token(nbf=int(time.time()) + 600),
    "issuer_wrong": token(iss="https://other.invalid"),
    "audience_wrong": token(aud="another-service"),
    "signature_wrong": token(key=OTHER_KEY),
    "signature_wrong ": tampered(),
    "key_unknown": token(kid="key-2"),
    "key_unknown ": token(kid=None),
    "claim_missing": token(sub=None),
    "claim_missing exp": token(exp=None),
    "claim_missing aud": token(aud=None),
    "claim_missing iss": token(iss=None),
    "subject_invalid": token(sub=""),
    "subject_invalid ": token(sub="x" * 257),
    "subject_invalid 7": token(sub=7),
    "algorithm_refused": f"{encoded({'alg': 'none', 'kid': 'key-1'})}.{encoded(claims())}.",
    "algorithm_refused ": hmac_token_keyed_with_the_public_key(),
    "token_malformed": "a.b",
    "token_malformed ": "a" * 9000,
}


@pytest.mark.parametrize(("reason", "refused"), REFUSED.items())
def test_tokens_that_are_refused(harness: Harness, client: TestClient, reason: str, refused: str) -> None:
    """Every bad token is the same 401 to the caller; the audit trail has the reason and no subject."""
    answer = client.post("/v1/classify", json=DOCUMENT, headers={"Authorization": f"Bearer {refused}"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["detail"] == "The bearer token is not valid."
    (line,) = harness.audit_lines()
    assert (line["outcome"], line["subject"], line["status"]) == (reason.split()[0], None, 401)
    assert harness.triton.asked == []


@pytest.mark.parametrize("headers", [{}, {"Authorization": ""}, {"Authorization": "Basic YTpi"}])
def test_no_token(client: TestClient, headers: dict[str, str]) -> None:
    """Without a bearer token the 401 asks for one and names no error, as RFC 6750 wants."""
    answer = client.post("/v1/classify", json=DOCUMENT, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_two_authorization_headers_are_refused(client: TestClient) -> None:
    """Two readers must not see two callers in one request."""
    header = ("Authorization", bearer()["Authorization"])
    assert client.post("/v1/classify", json=DOCUMENT, headers=[header, header]).status_code == 401


@pytest.mark.parametrize("scope", [None, "", "classifyy other", ["classify"]])
def test_a_token_without_the_scope(harness: Harness, client: TestClient, scope: Any) -> None:
    """A known caller without the scope gets a 403 that names it, and is on record by subject."""
    answer = client.post("/v1/classify", json=DOCUMENT, headers=bearer(scope=scope))
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="classify"'
    assert harness.audit_lines()[0]["subject"] == "caller-7"


def test_the_scheme_is_case_insensitive(client: TestClient) -> None:
    """`bearer` is as good as `Bearer` (RFC 9110)."""
    headers = {"Authorization": f"bearer {token()}"}
    assert client.post("/v1/classify", json=DOCUMENT, headers=headers).status_code == 200


def test_skew_within_the_leeway_is_forgiven(client: TestClient) -> None:
    """A token that expired 10 seconds ago still passes with 30 seconds of leeway."""
    headers = bearer(exp=int(time.time()) - 10)
    assert client.post("/v1/classify", json=DOCUMENT, headers=headers).status_code == 200


def jwk(key: Any, **changes: Any) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPublicKey) else ECAlgorithm
    return {**algorithm.to_jwk(key, as_dict=True), "kid": "a", **changes}


def test_a_key_set_is_read(tmp_path: Path) -> None:
    """Public keys come by `kid`, and verify what their private halves signed."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [jwk(KEY.public_key()), jwk(OTHER_KEY.public_key(), kid="b", use="sig")]}))
    keys = load_jwks(path)
    assert set(keys) == {"a", "b"}
    jwt.decode(token(), keys["a"], algorithms=["ES256"], audience="inference-gateway")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ([], "empty"),
        ([jwk(KEY.public_key()), jwk(OTHER_KEY.public_key())], "repeats"),
        ([jwk(KEY)], "private"),
        ([{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}], "private"),
        ([jwk(ec.generate_private_key(ec.SECP384R1()).public_key())], "can't be read"),
        ([jwk(rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key())], "can't be read"),
        ([jwk(KEY.public_key(), alg="ES384")], "can't be read"),
        ([jwk(KEY.public_key(), use="enc")], "can't be read"),
        ([{**jwk(KEY.public_key()), "kid": 7}], "can't be read"),
        (["key"], "can't be read"),
    ],
)
def test_key_sets_that_are_refused(tmp_path: Path, keys: list[Any], said: str) -> None:
    """Private material, or anything but distinct public P-256 keys, stops the start with one sentence."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": keys}))
    with pytest.raises(SettingsError, match=said) as refusal:
        load_jwks(path)
    assert "GATEWAY_AUTH_JWKS_FILE" in str(refusal.value)


def test_a_missing_key_set_is_refused(tmp_path: Path) -> None:
    """A file that isn't there is named as a setting to mend."""
    with pytest.raises(SettingsError, match="GATEWAY_AUTH_JWKS_FILE"):
        load_jwks(tmp_path / "none.json")
