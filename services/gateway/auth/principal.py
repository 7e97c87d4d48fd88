"""Who a caller is, and what it may do."""

from dataclasses import dataclass
from typing import Literal

from services.gateway.problems import missing_scope
from services.http.problems import ProblemError

Scope = Literal["classify", "deidentify", "audit:read"]


@dataclass(frozen=True)
class Principal:
    """`subject` is the token's, or the name in the certificate's mapping; other scopes than ours are of no effect."""

    subject: str
    scopes: frozenset[str]
    method: Literal["token", "certificate"] = "token"

    def require(self, scope: Scope) -> None:
        """Raise the 403 problem unless the principal has `scope`."""
        if scope not in self.scopes:
            raise ProblemError(missing_scope(scope))
