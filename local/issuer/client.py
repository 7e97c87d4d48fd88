"""Asks the issuer for a token, as any OAuth 2.0 client does: discovery, then the token endpoint."""

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from local.errors import LocalError
from local.issuer import DISCOVERY, ISSUER
from local.issuer.server import authority, client_key
from local.issuer.tokens import ASSERTION_TYPE, client_assertion


class IssuerClient:
    """The client whose key is in the issuer's directory; it believes the issuer's own authority and no other."""

    def __init__(self, directory: Path, *, issuer: str = ISSUER) -> None:
        self._directory, self._issuer = directory, issuer

    def metadata(self) -> dict[str, Any]:
        """The discovery document; raises LocalError where the issuer does not answer."""
        return self._ask(self._issuer + DISCOVERY)

    def token(self, scope: str) -> str:
        """A bearer token with the space-separated scopes `scope`; raises LocalError where the issuer refuses."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": client_assertion(client_key(self._directory)),
            "scope": scope,
        }
        path = urllib.parse.urlsplit(self.metadata()["token_endpoint"]).path
        return str(self._ask(self._issuer + path, form)["access_token"])

    def _ask(self, url: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        data = urllib.parse.urlencode(form).encode() if form else None
        trusting = ssl.create_default_context(cafile=authority(self._directory).certificate)
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting)
        )
        try:
            with direct.open(url, data=data, timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            said = json.loads(error.read() or b"{}").get("error", error.code)
            raise LocalError(f"The issuer refuses: {said}. Scopes are classify, deidentify and audit:read.") from None
        except (urllib.error.URLError, OSError):
            raise LocalError("The local issuer does not answer: run `make up`.") from None
