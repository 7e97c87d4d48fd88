"""The local token issuer signs what the gateway can verify with the public half alone."""

import stat
from pathlib import Path

import jwt
import pytest

from local.issuer import AUDIENCE, ISSUER, Issuer


def claims(token: str, jwks: dict[str, list[dict[str, str]]]) -> dict[str, object]:
    """The verified claims of a token."""
    key = jwt.PyJWKSet.from_dict(dict(jwks)).keys[0].key
    found: dict[str, object] = jwt.decode(token, key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER)
    return found


def test_a_token_verifies_with_the_published_key_and_carries_the_scope(tmp_path: Path) -> None:
    """Issuer, audience, subject and scope are what the gateway asks for."""
    issuer = Issuer(tmp_path)
    found = claims(issuer.token(subject="nurse", scope="classify audit:read"), issuer.jwks())
    assert (found["sub"], found["scope"]) == ("nurse", "classify audit:read")


def test_the_key_is_kept_so_that_earlier_tokens_stay_good(tmp_path: Path) -> None:
    """A second issuer over the same directory has the same key."""
    assert Issuer(tmp_path).jwks() == Issuer(tmp_path).jwks()


def test_the_private_key_is_readable_by_its_owner_only_and_not_published(tmp_path: Path) -> None:
    """Mode 0600, and no private member in the key set."""
    jwks = Issuer(tmp_path).jwks()
    [key_file] = tmp_path.iterdir()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert "d" not in jwks["keys"][0]


def test_a_token_expires(tmp_path: Path) -> None:
    """A token past its lifetime is refused."""
    issuer = Issuer(tmp_path)
    with pytest.raises(jwt.ExpiredSignatureError):
        claims(issuer.token(lifetime_s=-1), issuer.jwks())
