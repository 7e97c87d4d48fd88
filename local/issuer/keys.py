"""Signing keys that outlive the issuer's process, readable by their owner alone, and how one takes another's place."""

import hashlib
import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

_ALL, _OWNER = 0o700, 0o600


class SigningKey:
    """One P-256 key in a file; made when the file is not there."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            _write(file, _new_key())
        loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self.private = loaded
        public: dict[str, Any] = ECAlgorithm.to_jwk(loaded.public_key(), as_dict=True)
        members = {name: public[name] for name in ("crv", "kty", "x", "y")}
        self.kid = _thumbprint(members)
        self.jwk = {**members, "kid": self.kid, "use": "sig", "alg": "ES256"}
        """The public half, RFC 7517."""


class SigningKeys:
    """The keys in `directory`, in the order in which they were made; the file `signing` says which of them signs.

    Every verifier has to know a key before the first token is signed with it: so a new one is published first (`add`),
    signs later (`activate`), and only when the last token of the one before has ended is that one taken out (`retire`).
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._signing = directory / "signing"
        if not self._signing.exists():
            self.add()
            self.activate()

    def published(self) -> list[SigningKey]:
        """Every key, oldest first."""
        return [SigningKey(file) for file in self._files()]

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public halves as a JSON Web Key Set."""
        return {"keys": [key.jwk for key in self.published()]}

    @property
    def signing(self) -> SigningKey:
        """The key that tokens are signed with."""
        return SigningKey(self._directory / self._signing.read_text())

    def add(self) -> SigningKey:
        """Publish a key that does not sign yet: a new one, or the one that was added last and never signed."""
        files = self._files()
        signing = self._signing.read_text() if self._signing.exists() else ""
        if files and files[-1].name != signing:
            return SigningKey(files[-1])
        number = int(files[-1].stem.removeprefix("signing-")) + 1 if files else 1
        return SigningKey(self._directory / f"signing-{number:06}.pem")

    def activate(self) -> None:
        """Sign with the key that was added last."""
        _write(self._signing, self._files()[-1].name.encode())

    def retire(self) -> int:
        """Take out every key that was there before the one that signs; how many."""
        before = [file for file in self._files() if file.name < self._signing.read_text()]
        for file in before:
            file.unlink()
        return len(before)

    def _files(self) -> list[Path]:
        return sorted(self._directory.glob("signing-*.pem"))


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    """All at once, and readable by the owner alone from the first moment."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=_ALL)
    aside = file.with_suffix(".new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=_OWNER)
    aside.write_bytes(content)
    aside.replace(file)


def _thumbprint(members: dict[str, str]) -> str:
    """RFC 7638: a key's name that follows from the key."""
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
