"""Which key sets are accepted."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import OKPAlgorithm

from services.gateway.auth.keys import parse_jwks
from services.gateway.settings import SettingsError
from tests.services.gateway.harness import KEY, jwk

OTHER = ec.generate_private_key(ec.SECP256R1()).public_key()
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
SMALL_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
PUBLIC = KEY.public_key()
ED25519 = OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key(), as_dict=True)


def keys(*entries: Any) -> bytes:
    return json.dumps({"keys": entries}).encode()


def test_a_key_set_is_read() -> None:
    """Keys come by `kid`, each with its one algorithm."""
    document = keys(
        jwk(PUBLIC),
        jwk(OTHER, "b", use="sig", key_ops=["verify"]),
        jwk(RSA, "c", alg="PS256"),
        jwk(RSA, "d", alg="RS256"),
    )
    found = parse_jwks(document)
    assert {kid: key.algorithm for kid, key in found.items()} == {
        "a": "ES256",
        "b": "ES256",
        "c": "PS256",
        "d": "RS256",
    }
    assert found["a"].key == PUBLIC


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "empty"),
        ([jwk(PUBLIC), jwk(OTHER)], "repeats"),
        ([jwk(KEY)], "private"),
        ([{"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"}], "private"),
        ([{"kty": "oct", "kid": "a", "alg": "HS256"}], "can't be read"),
        ([jwk(ec.generate_private_key(ec.SECP384R1()).public_key())], "can't be read"),
        ([jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), alg="ES384")], "can't be read"),
        ([jwk(RSA)], "can't be read"),
        ([jwk(RSA, alg="RS1")], "can't be read"),
        ([jwk(RSA, alg="RS512")], "can't be read"),
        ([jwk(RSA, alg="none")], "can't be read"),
        ([jwk(RSA, alg="HS256")], "can't be read"),
        ([jwk(SMALL_RSA, alg="RS256")], "can't be read"),
        ([jwk(PUBLIC, alg="ES384")], "can't be read"),
        ([jwk(PUBLIC, alg="HS256")], "can't be read"),
        ([jwk(PUBLIC, use="enc")], "can't be read"),
        ([jwk(PUBLIC, key_ops=["encrypt"])], "can't be read"),
        ([{**ED25519, "kid": "a", "alg": "EdDSA"}], "can't be read"),
        ([{**jwk(PUBLIC), "kid": 7}], "can't be read"),
        ([{**jwk(PUBLIC), "kid": ""}], "can't be read"),
        ([{name: value for name, value in jwk(PUBLIC).items() if name != "kid"}], "can't be read"),
        ([{**jwk(PUBLIC), "x": "AA"}], "can't be read"),
        (["key"], "can't be read"),
        ([jwk(PUBLIC), "key"], "can't be read"),
    ],
)
def test_key_sets_that_are_refused(entries: list[Any], said: str) -> None:
    """Private material, or anything but distinct public keys of the accepted kinds, in one sentence without the key."""
    with pytest.raises(SettingsError, match=said) as refusal:
        parse_jwks(keys(*entries))
    assert "GATEWAY_AUTH_JWKS_FILE" in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "document", [b"", b"{}", b"[]", b'{"keys": 7}', b'{"keys": {"a": 1}}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_key_set_is_refused(document: bytes) -> None:
    """Half-written files among them."""
    with pytest.raises(SettingsError, match="GATEWAY_AUTH_JWKS_FILE"):
        parse_jwks(document)
