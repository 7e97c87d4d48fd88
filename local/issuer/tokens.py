"""Access tokens as RFC 9068 has them, and clients that show who they are by a key of their own, RFC 7523."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt

from local.issuer import AUDIENCE, CLIENT, ISSUER, LIFETIME_S, SCOPES, TOKEN
from local.issuer.keys import SigningKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ENDPOINT = ISSUER + TOKEN
_ASSERTION_S = 60


class Refused(Exception):
    """An error of RFC 6749, section 5.2, by its code."""


def access_token(key: SigningKey, *, scope: str, lifetime_s: int = LIFETIME_S) -> str:
    """A token of the client for the gateway with the space-separated scopes `scope`."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": CLIENT,
        "client_id": CLIENT,
        "scope": scope,
        "iat": now,
        "exp": now + lifetime_s,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid, "typ": "at+jwt"})


def client_assertion(key: SigningKey) -> str:
    """What the client shows at the token endpoint: good for a minute, and once."""
    now = int(time.time())
    claims = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": ENDPOINT,
        "iat": now,
        "exp": now + _ASSERTION_S,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, key.private, algorithm="ES256", headers={"kid": key.kid})


class TokenEndpoint:
    """The grant `client_credentials` with `private_key_jwt`; any scope that the gateway knows."""

    def __init__(self, *, client: SigningKey, signing: Callable[[], SigningKey]) -> None:
        self._client, self._signing = client, signing
        self._used: dict[str, float] = {}

    def answer(self, form: dict[str, str]) -> dict[str, Any]:
        """The answer to a form; raises Refused."""
        if form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type")
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise Refused("invalid_client")
        self._authenticate(form.get("client_assertion", ""))
        scopes = form.get("scope", "classify").split()
        if not set(scopes) <= SCOPES:
            raise Refused("invalid_scope")
        scope = " ".join(scopes)
        token = access_token(self._signing(), scope=scope)
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S, "scope": scope}

    def _authenticate(self, assertion: str) -> None:
        try:
            claims = jwt.decode(
                assertion,
                self._client.private.public_key(),
                algorithms=["ES256"],
                audience=ENDPOINT,
                issuer=CLIENT,
                subject=CLIENT,
                options={"require": ["exp", "jti", "sub", "iss", "aud"]},
            )
        except jwt.PyJWTError:
            raise Refused("invalid_client") from None
        now = time.time()
        self._used = {jti: end for jti, end in self._used.items() if end > now}
        if claims["jti"] in self._used or claims["exp"] > now + 2 * _ASSERTION_S:
            raise Refused("invalid_client")
        self._used[claims["jti"]] = claims["exp"]
