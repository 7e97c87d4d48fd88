"""What the processes and their callers show each other: certificates of an authority of this run, and a token."""

import json
import secrets
import ssl
import time
from pathlib import Path

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from local.node.pki import Authority, Identity

LOOPBACK = "127.0.0.1"
ISSUER, AUDIENCE = "https://issuer.bench.invalid", "inference-gateway"


class Credentials:
    """All of them, in files below `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        authority = Authority(folder, "authority")
        both = Identity(name="leaf", common_name="leaf", addresses=(LOOPBACK,), server=True, client=True)
        self.certificate, self.key = authority.issue(both, folder)
        self.authority = authority.certificate
        self._signing = ec.generate_private_key(ec.SECP256R1())
        self.key_set = folder / "jwks.json"
        public = ECAlgorithm.to_jwk(self._signing.public_key(), as_dict=True)
        self.key_set.write_text(json.dumps({"keys": [{**public, "kid": "bench"}]}))

    def token(self) -> str:
        """For an hour."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "bench", "scope": "classify", "iat": now, "exp": now + 3600}
        claims["jti"] = secrets.token_hex(8)
        return jwt.encode(claims, self._signing, algorithm="ES256", headers={"kid": "bench", "typ": "at+jwt"})

    def tls(self) -> ssl.SSLContext:
        """Of a caller of the gateway."""
        return ssl.create_default_context(cafile=str(self.authority))

    def grpc(self) -> grpc.ChannelCredentials:
        """Of a caller of Triton."""
        files = (self.authority, self.key, self.certificate)
        return grpc.ssl_channel_credentials(*(path.read_bytes() for path in files))
