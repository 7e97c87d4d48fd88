"""Exemptions: accepted in writing, until a date, by the right form only."""

from datetime import date
from pathlib import Path

import pytest

from policies.errors import PolicyError
from policies.exemptions import EXEMPTIONS_FILE, find_exemption, load_exemptions

GOOD = """
- rule: subnet-no-public-ip
  resource: aws:ec2/subnet:Subnet::subnet
  reason: The subnet holds a bastion.
  owner: security@hospital.example
  expires: 2030-01-31
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "exemptions.yaml"
    path.write_text(text)
    return path


def test_the_packs_own_file_is_well_formed() -> None:
    """What is checked in can be read."""
    load_exemptions(EXEMPTIONS_FILE)


def test_an_entry_is_found_by_rule_and_resource_and_holds_until_its_date(tmp_path: Path) -> None:
    """It covers one rule on one resource and is over on the day it names."""
    exemptions = load_exemptions(_write(tmp_path, GOOD))
    found = find_exemption(exemptions, rule="subnet-no-public-ip", resource="aws:ec2/subnet:Subnet::subnet")
    assert found is not None
    assert found.owner == "security@hospital.example"
    assert not found.expired(date(2030, 1, 30))
    assert found.expired(date(2030, 1, 31))
    assert find_exemption(exemptions, rule="subnet-no-public-ip", resource="aws:ec2/subnet:Subnet::other") is None
    assert find_exemption(exemptions, rule="service-not-public", resource="aws:ec2/subnet:Subnet::subnet") is None


def test_an_entry_may_cover_some_findings_only(tmp_path: Path) -> None:
    """What begins otherwise is not covered; without a list everything is."""
    (whole,) = load_exemptions(_write(tmp_path, GOOD))
    (part,) = load_exemptions(_write(tmp_path, GOOD + "  findings: [volume logs is, hostPID]\n"))
    assert whole.covers("privileged is true")
    assert part.covers("volume logs is of type hostPath")
    assert not part.covers("privileged is true")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b", "must be a list"),
        ("- just text", "exactly these keys"),
        (GOOD.replace("  owner: security@hospital.example\n", ""), "exactly these keys"),
        (GOOD + "  ticket: X-1\n", "exactly these keys"),
        (GOOD.replace("The subnet holds a bastion.", "''"), "reason must be a text"),
        (GOOD.replace("2030-01-31", "soon"), "expires must be a date"),
        (GOOD.replace("2030-01-31", "2030-01-31T10:00:00"), "expires must be a date"),
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
    """The pack does not start with an exemption it does not understand."""
    with pytest.raises(PolicyError, match=r"exemptions\.yaml") as refused:
        load_exemptions(_write(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
