"""Bearer tokens: ES256 JWTs checked against the issuer's public keys. No token or claim reaches a log."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from jwt.exceptions import InvalidSubjectError

from services.gateway.problems import MISSING_TOKEN, invalid_token, missing_scope
from services.gateway.settings import Settings, SettingsError
from services.http.problems import ProblemError

ALGORITHM = "ES256"
MAX_TOKEN_CHARACTERS = 8192
MAX_SUBJECT_CHARACTERS = 256
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})  # RFC 7518, section 6


@dataclass(frozen=True)
class Principal:
    """Who calls: the token's subject and its scopes."""

    subject: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raise the 403 problem unless the principal has `scope`."""
        if scope not in self.scopes:
            raise ProblemError(missing_scope(scope))


class TokenVerifier(Protocol):
    """Turns the value of an Authorization header into a principal."""

    def verify(self, authorization: str | None) -> Principal:
        """The principal, or the 401 problem raised."""
        ...


class JwtVerifier:
    """Accepts ES256 tokens of one issuer for one audience, signed by a key that the token names by `kid`."""

    def __init__(self, *, keys: dict[str, EllipticCurvePublicKey], issuer: str, audience: str, leeway_s: int) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._leeway_s = leeway_s

    @classmethod
    def from_settings(cls, settings: Settings) -> "JwtVerifier":
        """A verifier for these settings; raises SettingsError when the key set can't be used."""
        keys = load_jwks(settings.auth_jwks_file)
        return cls(
            keys=keys,
            issuer=settings.auth_issuer,
            audience=settings.auth_audience,
            leeway_s=settings.auth_leeway_s,
        )

    def verify(self, authorization: str | None) -> Principal:
        """The principal of a valid `Bearer` token; the 401 problem, with its reason for the audit trail, otherwise."""
        claims = self._claims(_bearer_token(authorization))
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT_CHARACTERS:
            raise ProblemError(invalid_token("subject_invalid"))
        scope = claims.get("scope", "")
        return Principal(subject, frozenset(scope.split() if isinstance(scope, str) else ()))

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.get(kid) if isinstance(kid, str) else None
            if key is None:
                raise ProblemError(invalid_token("key_unknown"))
            return dict(
                jwt.decode(
                    token,
                    key,
                    algorithms=[ALGORITHM],
                    issuer=self._issuer,
                    audience=self._audience,
                    leeway=self._leeway_s,
                    options={"require": ["exp", "iss", "aud", "sub"]},
                )
            )
        except jwt.PyJWTError as error:
            raise ProblemError(invalid_token(_reason(error))) from None


def _reason(error: jwt.PyJWTError) -> str:
    """A name out of a small fixed set; the library's message may quote the token."""
    reasons: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
        (jwt.ExpiredSignatureError, "token_expired"),
        (jwt.ImmatureSignatureError, "token_not_yet_valid"),
        (jwt.InvalidIssuerError, "issuer_wrong"),
        (jwt.InvalidAudienceError, "audience_wrong"),
        (InvalidSubjectError, "subject_invalid"),
        (jwt.MissingRequiredClaimError, "claim_missing"),
        (jwt.InvalidAlgorithmError, "algorithm_refused"),
        (jwt.InvalidSignatureError, "signature_wrong"),
    )
    return next((name for kind, name in reasons if isinstance(error, kind)), "token_malformed")


def _bearer_token(authorization: str | None) -> str:
    if not authorization:
        raise ProblemError(MISSING_TOKEN)
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise ProblemError(MISSING_TOKEN)
    if not 1 <= len(token) <= MAX_TOKEN_CHARACTERS:
        raise ProblemError(invalid_token("token_malformed"))
    return token


def load_jwks(path: Path) -> dict[str, EllipticCurvePublicKey]:
    """Public keys by `kid`.

    Raises:
        SettingsError: the file can't be read, holds private material, or a key other than P-256 with a `kid`.
    """
    remedy = "give GATEWAY_AUTH_JWKS_FILE a JSON Web Key Set with the issuer's public ES256 keys"
    try:
        entries = json.loads(path.read_bytes())["keys"]
        if any(_PRIVATE_MEMBERS & entry.keys() for entry in entries):
            raise SettingsError(f"The key set holds private key material: {remedy}, and rotate that key.")
        keys = {entry["kid"]: _public_key(entry) for entry in entries}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
        raise SettingsError(f"The key set can't be read: {remedy}, each with a kid.") from None
    if not keys or len(keys) != len(entries):
        raise SettingsError(f"The key set is empty or repeats a kid: {remedy}.")
    return keys


def _public_key(entry: dict[str, Any]) -> EllipticCurvePublicKey:
    suits = entry.get("alg", ALGORITHM) == ALGORITHM and entry.get("use", "sig") == "sig"
    if not suits or not isinstance(entry["kid"], str):
        raise ValueError("not a signing key for ES256")
    key = jwt.PyJWK.from_dict(entry, algorithm=ALGORITHM).key
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a P-256 key")
    return key
