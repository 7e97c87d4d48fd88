"""Bearer tokens: signed JWTs of one issuer for one audience, RFC 9068. No token or claim reaches a log."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt
from jwt.utils import base64url_decode

from services.gateway.auth.claims import REQUIRED, principal, reason
from services.gateway.auth.keys import VerificationKey
from services.gateway.auth.principal import Principal
from services.gateway.limits.failures import FailedAuthentications
from services.gateway.problems import MISSING_TOKEN, invalid_token
from services.http.problems import ProblemError

MAX_TOKEN_CHARACTERS = 8192
MAX_REMEMBERED = 1024


@dataclass(frozen=True)
class TokenRules:
    """What a token has to say. `types` are values of the header `typ`, in lower case and without "application/"."""

    issuer: str
    audience: str
    leeway_s: int = 30
    max_lifetime_s: int = 3600
    types: frozenset[str] = frozenset({"at+jwt"})


@dataclass(frozen=True)
class _Accepted:
    principal: Principal
    until: float


class TokenVerifier:
    """Accepts the tokens that the rules and one set of keys allow; another set of keys takes another verifier.

    A token that it accepted is not verified again for as long as it is good, because that is most of what
    authentication costs: its digest is kept, of the last 1024 of them.
    """

    def __init__(
        self,
        keys: Mapping[str, VerificationKey],
        rules: TokenRules,
        *,
        now: Callable[[], float] = time.time,
        failures: FailedAuthentications | None = None,
    ) -> None:
        """`failures` bounds how many signatures of nobody known are looked at."""
        self._keys, self._rules, self._now, self._failures = keys, rules, now, failures
        self._accepted: dict[bytes, _Accepted] = {}

    def verify(self, authorization: str | None) -> Principal:
        """The principal of a valid `Bearer` token; the 401 problem, with its reason for the audit trail, otherwise."""
        token = _bearer_token(authorization)
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._accepted.get(digest)
        if known is None:
            known = self._accepted[digest] = self._verified(token)
            if len(self._accepted) > MAX_REMEMBERED:
                del self._accepted[next(iter(self._accepted))]
        elif self._now() >= known.until:
            del self._accepted[digest]
            raise ProblemError(invalid_token("token_expired"))
        return known.principal

    def _verified(self, token: str) -> _Accepted:
        rules = self._rules
        try:
            key = self._key(_header(token))
            if self._failures:
                self._failures.check()
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm],
                issuer=rules.issuer,
                audience=rules.audience,
                leeway=rules.leeway_s,
                options={"require": list(REQUIRED)},
            )
        except jwt.PyJWTError as error:
            if self._failures:
                self._failures.failed()
            raise ProblemError(invalid_token(reason(error))) from None
        return _Accepted(principal(claims, max_lifetime_s=rules.max_lifetime_s), claims["exp"] + rules.leeway_s)

    def _key(self, header: dict[str, Any]) -> VerificationKey:
        """Which key the header names; nothing else in it is followed, and nothing that has to be followed is accepted."""
        kid, kind = header.get("kid"), header.get("typ", "JWT")
        if "crit" in header:
            raise ProblemError(invalid_token("critical_header_refused"))
        if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in self._rules.types:
            raise ProblemError(invalid_token("type_refused"))
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise ProblemError(invalid_token("key_unknown"))
        return key


def _header(token: str) -> dict[str, Any]:
    """What the token says of itself, not verified yet."""
    try:
        header = json.loads(base64url_decode(token.partition(".")[0]))
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise ProblemError(invalid_token("token_malformed"))
    return header


def _bearer_token(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise ProblemError(MISSING_TOKEN)
    if not 1 <= len(token) <= MAX_TOKEN_CHARACTERS:
        raise ProblemError(invalid_token("token_malformed"))
    return token
