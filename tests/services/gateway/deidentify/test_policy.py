from pathlib import Path

import pytest

from services.gateway.deidentify import ENTITY_TYPES
from services.gateway.deidentify.policy import PolicyError, load_key, load_policy


def write(folder: Path, content: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text(content, "utf-8")
    return path


def test_the_default_replaces_every_type() -> None:
    """Without a policy of one's own every identifier becomes its type, and no key is needed."""
    policy = load_policy()
    assert {policy.operator(kind) for kind in ENTITY_TYPES} == {"replace"}
    assert not policy.needs_key


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    """It is the name and a hash of the file: any change of the file changes it, and nothing else does."""
    first = load_policy(write(tmp_path, "name: ours\noperators: {AGE: generalise}\n")).version
    again = load_policy(write(tmp_path, "name: ours\noperators: {AGE: generalise}\n")).version
    other = load_policy(write(tmp_path, "name: ours\noperators: {AGE: mask}\n")).version
    assert first == again
    assert first != other
    assert first.startswith("ours-")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name: ours\noperators: {NAME: replace}", "NAME is no entity type"),
        ("name: ours\noperators: {PERSON: hide}", "operators.PERSON"),
        ("name: ours\noperators: {PERSON: date_shift}", "date_shift is for DATE, not for PERSON"),
        ("name: ours\noperators: {PERSON: generalise}", "generalise is for AGE and DATE and ZIP_CODE, not for PERSON"),
        ("name: ours\ndefault: generalise", "default"),
        ("name: ours\noperator: {}", "operator"),
        ("name: ours\noperators: {AGE: mask, AGE: replace}", "AGE stands there twice"),
        ("operators: {}", "name"),
        ("name: Not a name", "name"),
        ("- a list", "policy"),
        ("name: [", "policy"),
        ("", "policy"),
        ("name: !!python/object/apply:os.getcwd []", "policy"),
    ],
)
def test_a_bad_policy_is_refused_in_one_sentence(tmp_path: Path, content: str, said: str) -> None:
    """The error names the file and what is wrong with it."""
    path = write(tmp_path, content)
    with pytest.raises(PolicyError) as refusal:
        load_policy(path)
    message = str(refusal.value)
    assert said in message
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_policy_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A path without a file is an error at start, not a default."""
    with pytest.raises(PolicyError, match="readable"):
        load_policy(tmp_path / "none.yaml")


def test_a_key_has_32_bytes_or_more(tmp_path: Path) -> None:
    """A short or missing key is refused, and never quoted."""
    path = tmp_path / "key"
    with pytest.raises(PolicyError, match="readable"):
        load_key(path)
    path.write_bytes(b"secret-but-short")
    with pytest.raises(PolicyError) as refusal:
        load_key(path)
    assert "secret" not in str(refusal.value)
    path.write_bytes(bytes(range(32)))
    assert load_key(path) == bytes(range(32))
