"""What a token says: only what this gateway goes by is read, and every refusal has a name out of a fixed set."""

from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from services.gateway.auth.principal import Principal
from services.gateway.problems import invalid_token
from services.http.problems import ProblemError

REQUIRED = ("iss", "aud", "sub", "exp", "iat")
MAX_SUBJECT_CHARACTERS = 256
_YEAR_9999 = 253_402_300_799

_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "token_expired"),
    (jwt.ImmatureSignatureError, "token_not_yet_valid"),
    (jwt.InvalidIssuerError, "issuer_wrong"),
    (jwt.InvalidAudienceError, "audience_wrong"),
    (InvalidSubjectError, "subject_invalid"),
    (jwt.MissingRequiredClaimError, "claim_missing"),
    (jwt.InvalidAlgorithmError, "algorithm_refused"),
    (jwt.InvalidSignatureError, "signature_wrong"),
)


def reason(error: jwt.PyJWTError) -> str:
    """The name of what the library found; its own message may quote the token."""
    return next((name for kind, name in _REASONS if isinstance(error, kind)), "token_malformed")


def principal(claims: dict[str, Any], *, max_lifetime_s: int) -> Principal:
    """Whom verified claims name; the 401 problem where they say more, less or longer than the gateway accepts."""
    subject = claims["sub"]
    if not 1 <= len(subject) <= MAX_SUBJECT_CHARACTERS or not subject.isprintable():
        raise ProblemError(invalid_token("subject_invalid"))
    if not all(_is_date(claims[name]) for name in ("exp", "iat", "nbf") if name in claims):
        raise ProblemError(invalid_token("token_malformed"))
    if claims["exp"] - claims["iat"] > max_lifetime_s:
        raise ProblemError(invalid_token("lifetime_exceeded"))
    if "cnf" in claims:  # RFC 7800: good only in the hand of who holds a key, which nobody has shown
        raise ProblemError(invalid_token("token_bound"))
    return Principal(subject, scopes(claims))


def scopes(claims: dict[str, Any]) -> frozenset[str]:
    """Of `scope`, separated by spaces (RFC 9068), and of `scp`, an array or the same text (Okta, Microsoft Entra ID)."""
    return _listed(claims.get("scope")) | _listed(claims.get("scp"), array=True)


def _listed(value: Any, *, array: bool = False) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split(" ")) - {""}
    if array and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return frozenset(value)
    return frozenset()


def _is_date(value: Any) -> bool:
    """A NumericDate of RFC 7519; the library also takes text that looks like one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _YEAR_9999
