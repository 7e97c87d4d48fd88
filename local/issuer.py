"""The token issuer of the local stack: one EC key on this machine, whose public half the gateway trusts."""

import json
import time
import uuid
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ISSUER = "https://issuer.local.invalid"
AUDIENCE = "inference-gateway"
LIFETIME_S = 3600


class Issuer:
    """Signs bearer tokens (JWT, ES256); the private key never leaves `directory`, where only its owner can read it."""

    def __init__(self, directory: Path) -> None:
        self._key_file = directory / "signing-key.pem"

    def _key(self) -> ec.EllipticCurvePrivateKey:
        if not self._key_file.exists():
            self._key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            self._key_file.touch(mode=0o600)
            self._key_file.write_bytes(pem)
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public half as a JSON Web Key Set (RFC 7517)."""
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key().public_key()))
        return {"keys": [{**public, "kid": "local", "use": "sig", "alg": "ES256"}]}

    def token(self, *, subject: str = "local-user", scope: str = "classify", lifetime_s: int = LIFETIME_S) -> str:
        """A bearer token for `subject` with the space-separated scopes `scope`."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "scope": scope,
            "iat": now,
            "exp": now + lifetime_s,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode(claims, self._key(), algorithm="ES256", headers={"kid": "local"})
