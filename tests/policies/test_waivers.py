"""Waivers: accepted in writing, for a year at most, with what is done instead, by the right form only."""

from datetime import date
from pathlib import Path

import pytest

from policies.controls import load_controls
from policies.errors import PolicyError
from policies.rules import RULES
from policies.waivers import WAIVERS_FILE, addressable_specifications, find_waiver, load_waivers

TODAY = date(2029, 2, 1)
GOOD = """
- rule: subnet-no-public-ip
  resource: aws:ec2/subnet:Subnet::subnet
  reason: The subnet holds a bastion.
  owner: security@hospital.example
  ticket: SEC-7
  expires: 2030-01-31
"""
ADDRESSABLE = GOOD.replace("subnet-no-public-ip", "s3-bucket-encrypted-kms")
MEASURE = "  measure: S3's own keys encrypt it.\n"


def _write(folder: Path, text: str) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(text)
    return path


def test_the_packs_own_file_is_well_formed() -> None:
    """What is checked in can be read today."""
    assert load_waivers(WAIVERS_FILE)


def test_an_entry_is_found_by_rule_and_resource_and_holds_until_its_date(tmp_path: Path) -> None:
    """It covers one rule on one resource and is over on the day it names."""
    waivers = load_waivers(_write(tmp_path, GOOD), today=TODAY)
    found = find_waiver(waivers, rule="subnet-no-public-ip", resource="aws:ec2/subnet:Subnet::subnet")
    assert found is not None
    assert (found.owner, found.ticket) == ("security@hospital.example", "SEC-7")
    assert not found.expired(date(2030, 1, 30))
    assert found.expired(date(2030, 1, 31))
    assert find_waiver(waivers, rule="subnet-no-public-ip", resource="aws:ec2/subnet:Subnet::other") is None
    assert find_waiver(waivers, rule="service-not-public", resource="aws:ec2/subnet:Subnet::subnet") is None


def test_an_entry_may_cover_some_findings_only(tmp_path: Path) -> None:
    """What begins otherwise is not covered; without a list everything is."""
    (whole,) = load_waivers(_write(tmp_path, GOOD), today=TODAY)
    (part,) = load_waivers(_write(tmp_path, GOOD + "  findings: [volume logs is, hostPID]\n"), today=TODAY)
    assert whole.covers("privileged is true")
    assert part.covers("volume logs is of type hostPath")
    assert not part.covers("privileged is true")


def test_an_addressable_specification_is_not_left_out_without_a_measure(tmp_path: Path) -> None:
    """164.306(d)(3)(ii)(B): documented why, and what does its work instead."""
    with pytest.raises(PolicyError, match=r"needs a measure.*164\.312\(a\)\(2\)\(iv\) is addressable"):
        load_waivers(_write(tmp_path, ADDRESSABLE), today=TODAY)
    (waiver,) = load_waivers(_write(tmp_path, ADDRESSABLE + MEASURE), today=TODAY)
    assert waiver.measure == "S3's own keys encrypt it."


def test_the_specifications_that_need_a_measure_are_those_that_the_rules_name() -> None:
    """Of each rule that there is, every addressable row among its controls and no other."""
    rows = {row.id: row.obligation for row in load_controls()}
    assert addressable_specifications() == {
        rule.name: tuple(row for row in rows if row in rule.evidence and rows[row] == "addressable") for rule in RULES
    }


def test_a_year_ahead_is_the_longest(tmp_path: Path) -> None:
    """366 days from the day it is read, not one more; one that has expired can still be read."""
    path = _write(tmp_path, GOOD)
    assert load_waivers(path, today=date(2029, 1, 30))
    assert load_waivers(path, today=date(2035, 1, 1))[0].expired(date(2035, 1, 1))
    with pytest.raises(PolicyError, match="within 366 days"):
        load_waivers(path, today=date(2029, 1, 29))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b", "must be a list of waivers"),
        ("- just text", "exactly these keys"),
        (GOOD.replace("  owner: security@hospital.example\n", ""), "exactly these keys"),
        (GOOD.replace("  ticket: SEC-7\n", ""), "exactly these keys"),
        (GOOD + "  approver: somebody\n", "exactly these keys"),
        (GOOD.replace("The subnet holds a bastion.", "''"), "reason must be a text"),
        (GOOD.replace("SEC-7", "7"), "ticket must be a text"),
        (GOOD + "  measure: ' '\n", "measure must be a text"),
        (GOOD.replace("2030-01-31", "soon"), "expires must be a date"),
        (GOOD.replace("2030-01-31", "2030-01-31T10:00:00"), "expires must be a date"),
        (GOOD.replace("2030-01-31", "2030-02-30"), "cannot be read as YAML"),
        (GOOD.replace("rule: subnet-no-public-ip", "rule: subnet-public"), "no rule named 'subnet-public'"),
        (GOOD.replace("Subnet::subnet", "Subnet"), "<type>::<logical name>"),
        (GOOD + GOOD, "twice"),
        ("- [", "cannot be read as YAML"),
        (GOOD + "  findings: []\n", "findings must be a list of texts"),
        (GOOD + "  findings: hostPID\n", "findings must be a list of texts"),
        (GOOD + "  findings: ['']\n", "findings must be a list of texts"),
    ],
)
def test_a_malformed_entry_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """The pack does not start with a waiver it does not understand."""
    with pytest.raises(PolicyError, match=r"waivers\.yaml") as refused:
        load_waivers(_write(tmp_path, text), today=TODAY)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    """The same one sentence, and no traceback."""
    with pytest.raises(PolicyError, match=r"waivers\.yaml cannot be read as YAML"):
        load_waivers(tmp_path / "waivers.yaml")
    (tmp_path / "waivers.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match=r"waivers\.yaml cannot be read as YAML"):
        load_waivers(tmp_path / "waivers.yaml")
