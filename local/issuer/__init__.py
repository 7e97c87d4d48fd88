"""The token issuer of the local stack: OpenID Connect discovery, a key set and a token endpoint, on loopback alone.

It is there while the stack is up, and its keys change as an organisation's would: `python -m local issuer rotate`.
"""

from typing import Any

from local.node.addresses import LOOPBACK, Endpoint

LISTEN = Endpoint(LOOPBACK, 18090)
ISSUER = f"https://{LISTEN}"
AUDIENCE = "inference-gateway"
CLIENT = "local-user"
"""The one client, and so the subject of its tokens."""
SCOPES = frozenset({"classify", "deidentify", "audit:read"})
LIFETIME_S = 3600
DISCOVERY, KEY_SET, TOKEN = "/.well-known/openid-configuration", "/jwks.json", "/token"
"""Where the discovery document (OpenID Connect Discovery 1.0, section 4), the keys and the token endpoint are."""
MACHINE_CALLER: dict[str, Any] = {"service": "nightly-scoring", "namespace": "inference", "scopes": ["classify"]}
"""A workload of the cluster that needs no token, since it may call the gateway with its certificate; it has no pod here."""
LOAD_TEST: dict[str, Any] = {"service": "loadtest", "namespace": "loadtest", "scopes": ["classify"]}
"""The Job that loads the gateway from within the cluster."""
