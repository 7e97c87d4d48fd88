"""Keys that outlive their process, and how one takes another's place."""

import stat
from pathlib import Path

import pytest

from local.issuer.keys import SigningKeys


def kids(keys: SigningKeys) -> list[str]:
    return [key["kid"] for key in keys.jwks()["keys"]]


def test_keys_are_kept_so_that_earlier_tokens_stay_good(tmp_path: Path) -> None:
    """Who comes later finds the same."""
    assert SigningKeys(tmp_path).jwks() == SigningKeys(tmp_path).jwks()
    assert SigningKeys(tmp_path).signing.kid == SigningKeys(tmp_path).signing.kid


def test_private_halves_are_readable_by_their_owner_only_and_not_published(tmp_path: Path) -> None:
    """Mode 0600 below a folder of mode 0700, and no private member in the key set."""
    keys = SigningKeys(tmp_path / "issuer")
    keys.add()
    files = list((tmp_path / "issuer").glob("*.pem"))
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "issuer").stat().st_mode) == 0o700
    assert all(set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"} for key in keys.jwks()["keys"])


def test_a_key_is_published_before_it_signs_and_until_it_is_retired(tmp_path: Path) -> None:
    """One, two of which the old one signs, two of which the new one signs, one."""
    keys = SigningKeys(tmp_path)
    (old,) = kids(keys)
    new = keys.add().kid
    assert (kids(keys), keys.signing.kid) == ([old, new], old)
    keys.activate()
    assert (kids(keys), keys.signing.kid) == ([old, new], new)
    assert keys.retire() == 1
    assert (kids(keys), keys.signing.kid) == ([new], new)


def test_what_was_begun_is_gone_on_with(tmp_path: Path) -> None:
    """A key that was added and never signed is the next one, however often it is asked for, also by another process."""
    new = SigningKeys(tmp_path).add().kid
    assert SigningKeys(tmp_path).add().kid == new
    assert len(kids(SigningKeys(tmp_path))) == 2


@pytest.mark.parametrize("rotations", [0, 1, 12])
def test_retiring_leaves_the_key_that_signs(tmp_path: Path, rotations: int) -> None:
    """After any number of rotations, and not the one that is to follow."""
    keys = SigningKeys(tmp_path)
    for _ in range(rotations):
        keys.add()
        keys.activate()
    signing, following = keys.signing.kid, keys.add().kid
    assert keys.retire() == rotations
    assert kids(keys) == [signing, following]
