"""Who calls the gateway: by a token of the issuer, or by a certificate of the cluster's own authority.

`Authenticator.authenticate(request)` is the whole of it for a route; every refusal is a ProblemError, whose name goes
to the audit trail and says why, and whose text is the same for every reason.
"""

from services.gateway.auth.authenticator import Authenticator
from services.gateway.auth.principal import Principal, Scope

__all__ = ["Authenticator", "Principal", "Scope"]
