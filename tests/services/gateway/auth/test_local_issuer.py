"""The local stack's issuer and the gateway agree on what a token is."""

import json
from pathlib import Path

from local.issuer import AUDIENCE, CLIENT, ISSUER
from local.issuer.keys import SigningKeys
from local.issuer.tokens import access_token
from services.gateway.auth import Principal
from services.gateway.auth.keys import parse_jwks
from services.gateway.auth.tokens import TokenRules, TokenVerifier


def test_the_gateway_accepts_what_the_local_issuer_signs(tmp_path: Path) -> None:
    """By the published keys, during a rotation too, under the strictest rules."""
    keys = SigningKeys(tmp_path)
    following = keys.add()
    verifier = TokenVerifier(parse_jwks(json.dumps(keys.jwks()).encode()), TokenRules(ISSUER, AUDIENCE))
    for key in (keys.signing, following):
        token = access_token(key, scope="classify audit:read")
        assert verifier.verify(f"Bearer {token}") == Principal(CLIENT, frozenset({"classify", "audit:read"}), "token")
