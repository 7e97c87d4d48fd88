"""The gateway's door: one call tells a route who asks."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from starlette.requests import HTTPConnection

from services.gateway.auth.callers import names_of, parse_callers
from services.gateway.auth.certificates import CertificateVerifier, Peer
from services.gateway.auth.keys import parse_jwks
from services.gateway.auth.principal import Principal
from services.gateway.auth.protocol import PEER
from services.gateway.auth.tokens import TokenRules, TokenVerifier
from services.gateway.limits.failures import FailedAuthentications
from services.gateway.problems import MISSING_TOKEN, invalid_token
from services.gateway.rereading import Rereading
from services.gateway.settings import Settings, SettingsError
from services.http.problems import ProblemError


class Authenticator:
    """Knows callers by the keys and the mapping that the files hold, and takes up changes of both while `run` runs.

    Where a request carries a token, the token alone says who calls and what it may do: a certificate that its connection
    was opened with neither adds to it nor stands in for one that is refused.
    """

    def __init__(
        self,
        rules: TokenRules,
        *,
        read_keys: Callable[[], bytes],
        read_callers: Callable[[], bytes] | None = None,
        own_names: frozenset[str] = frozenset(),
        failures: FailedAuthentications | None = None,
    ) -> None:
        """`own_names` are those of the gateway's own certificate. SettingsError where a file can't be used."""
        self._tokens = Rereading(
            what="The issuer's key set",
            read=read_keys,
            make=lambda document: TokenVerifier(parse_jwks(document), rules, failures=failures),
            said=lambda *_: "A new key set of the issuer is in use.",
        )
        self._certificates = read_callers and Rereading(
            what="The mapping of callers",
            read=read_callers,
            make=lambda document: CertificateVerifier(parse_callers(document, own_names=own_names)),
            said=lambda *_: "A new mapping of callers is in use.",
        )

    @classmethod
    def from_settings(
        cls, settings: Settings, *, own_certificate: bytes, failures: FailedAuthentications | None = None
    ) -> "Authenticator":
        """On the files of these settings; SettingsError where one can't be used. `own_certificate` is the gateway's, PEM."""
        callers = settings.auth_callers_file
        return cls(
            TokenRules(
                issuer=settings.auth_issuer,
                audience=settings.auth_audience,
                leeway_s=settings.auth_leeway_s,
                max_lifetime_s=settings.auth_max_lifetime_s,
                types=frozenset({"at+jwt", "jwt"} if settings.auth_accept_typ_jwt else {"at+jwt"}),
            ),
            read_keys=_reader(settings.auth_jwks_file, "GATEWAY_AUTH_JWKS_FILE"),
            read_callers=_reader(callers, "GATEWAY_AUTH_CALLERS_FILE") if callers else None,
            own_names=names_of(own_certificate),
            failures=failures,
        )

    def authenticate(self, request: HTTPConnection) -> Principal:
        """Who asks; ProblemError 401 or 403, by whose name the audit trail knows why, where that is nobody known."""
        headers = request.headers.getlist("authorization")
        peer: Peer | None = request.scope.get("state", {}).get(PEER)
        if len(headers) > 1:  # another reader might have chosen the other one
            raise ProblemError(invalid_token("token_repeated"))
        if headers:
            return self._tokens.made.verify(headers[0])
        if peer is None or self._certificates is None:
            raise ProblemError(MISSING_TOKEN)
        return self._certificates.made.verify(peer)

    async def run(self) -> None:
        """Check the files for ever."""
        await asyncio.gather(*(each.run() for each in self._files))

    def check(self) -> None:
        """Take up what the files hold, if it is new and can be used."""
        for each in self._files:
            each.check()

    @property
    def _files(self) -> list[Rereading[bytes, TokenVerifier] | Rereading[bytes, CertificateVerifier]]:
        return [self._tokens, self._certificates] if self._certificates else [self._tokens]


def _reader(path: Path, variable: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError:
            raise SettingsError(f"Set {variable} to the path of a file that can be read.") from None

    return read
