"""Accepted findings: in writing, with what covers the risk instead, until a date, by the right form only."""

from datetime import date
from pathlib import Path

import pytest

from policies.checkov.accepted import ACCEPTED_FILE, load_accepted, markdown
from policies.errors import PolicyError

GOOD = """
- check: CKV_AWS_144
  resource: aws:s3/bucket:Bucket::*-models
  stack: "*"
  reason: Models are built again from their source.
  instead: Versioning.
  owner: platform@hospital.example
  review: 2030-01-31
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "accepted.yaml"
    path.write_text(text)
    return path


def test_the_packs_own_file_is_well_formed() -> None:
    """What is checked in can be read."""
    load_accepted(ACCEPTED_FILE)


def test_an_entry_covers_one_check_on_what_its_pattern_fits(tmp_path: Path) -> None:
    """And is over on the day of its review."""
    (entry,) = load_accepted(_write(tmp_path, GOOD))
    assert entry.covers(check="CKV_AWS_144", resource="aws:s3/bucket:Bucket::inference-prod-models")
    assert not entry.covers(check="CKV_AWS_18", resource="aws:s3/bucket:Bucket::inference-prod-models")
    assert not entry.covers(check="CKV_AWS_144", resource="aws:s3/bucket:Bucket::inference-prod-trail")
    assert entry.concerns("prod-east")
    assert not entry.overdue(date(2030, 1, 30))
    assert entry.overdue(date(2030, 1, 31))


def test_an_entry_of_one_stack_does_not_concern_another(tmp_path: Path) -> None:
    """What a stack for trying things out may lack, the real one may not."""
    (entry,) = load_accepted(_write(tmp_path, GOOD.replace('"*"', "dev")))
    assert entry.concerns("dev")
    assert not entry.concerns("prod")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b", "must be a list"),
        ("- just text", "exactly these keys"),
        (GOOD.replace("  owner: platform@hospital.example\n", ""), "exactly these keys"),
        (GOOD + "  ticket: X-1\n", "exactly these keys"),
        (GOOD.replace("Versioning.", "''"), "instead must be a text"),
        (GOOD.replace("2030-01-31", "soon"), "review must be a date"),
        (GOOD.replace("2030-01-31", "2030-01-31T10:00:00"), "review must be a date"),
        (GOOD.replace("Bucket::*-models", "Bucket"), "<type>::<logical name>"),
        (GOOD + GOOD, "twice"),
        ("- [", "cannot be read as YAML"),
    ],
)
def test_a_malformed_entry_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """Nothing is accepted that is not understood."""
    with pytest.raises(PolicyError, match=r"accepted\.yaml") as refused:
        load_accepted(_write(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_readme_table_says_why_and_what_instead(tmp_path: Path) -> None:
    """Ordered by check; resources with the same reason share a row."""
    other = GOOD.replace("CKV_AWS_144", "CKV2_AWS_62").replace('"*"', "dev")
    same = GOOD.replace("*-models", "*-trail")
    said = "Models are built again from their source. | Versioning. | 2030-01-31 |"
    assert markdown(load_accepted(_write(tmp_path, GOOD + other + same))).splitlines()[2:] == [
        f"| CKV2_AWS_62 | `aws:s3/bucket:Bucket::*-models` in `dev` | {said}",
        f"| CKV_AWS_144 | `aws:s3/bucket:Bucket::*-models`, `aws:s3/bucket:Bucket::*-trail` | {said}",
    ]
