"""The issuer's public keys, RFC 7517: which key verifies what a token says was signed with it, and by which algorithm."""

import json
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.gateway.settings import SettingsError

MIN_RSA_BITS = 2048
MAX_RSA_BITS = 8192
"""More only costs time."""
_ALGORITHMS = {"EC": frozenset({"ES256"}), "RSA": frozenset({"RS256", "PS256"})}
"""By type of key."""
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518, section 6
_REMEDY = "give GATEWAY_AUTH_JWKS_FILE a JSON Web Key Set with the issuer's public signing keys"


@dataclass(frozen=True)
class VerificationKey:
    """One key, and the one algorithm for which it is there: a token does not choose (RFC 8725, section 3.1)."""

    key: EllipticCurvePublicKey | RSAPublicKey
    algorithm: str


def parse_jwks(document: bytes) -> dict[str, VerificationKey]:
    """Keys by `kid`: P-256 for ES256, and RSA for the RS256 or PS256 that the key itself has to name.

    Raises:
        SettingsError: no key set, one with private material, without a key, or with a key that is anything else.
    """
    try:
        entries = json.loads(document)["keys"]
        if any(_PRIVATE_MEMBERS & entry.keys() for entry in entries):
            raise SettingsError(f"The key set holds private key material: {_REMEDY}, and rotate that key.")
        keys = {entry["kid"]: _key(entry) for entry in entries}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, jwt.PyJWTError):
        raise SettingsError(f"The key set can't be read: {_REMEDY}, each with a kid.") from None
    if not keys or len(keys) != len(entries):
        raise SettingsError(f"The key set is empty or repeats a kid: {_REMEDY}.")
    return keys


def _key(entry: dict[str, Any]) -> VerificationKey:
    if not isinstance(entry["kid"], str) or not entry["kid"]:
        raise ValueError("a kid is text")
    if entry.get("use", "sig") != "sig" or "verify" not in entry.get("key_ops", ["verify"]):
        raise ValueError("not for signatures")
    algorithm: str = entry.get("alg", "ES256") if entry["kty"] == "EC" else entry["alg"]
    if algorithm not in _ALGORITHMS[entry["kty"]]:
        raise ValueError("not an accepted algorithm")
    key = jwt.PyJWK.from_dict(entry, algorithm=algorithm).key
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return VerificationKey(key, algorithm)
    if isinstance(key, RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return VerificationKey(key, algorithm)
    raise ValueError("not a public key of an accepted kind")
