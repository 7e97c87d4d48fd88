"""Profiles: the rule in force, and the proposed one over it, which is not law."""

import re

import pytest

from policies.controls import Control, Decided, load_controls, profile_names, read_profile
from policies.errors import PolicyError
from policies.profiles import load_profile
from policies.rules import RULES
from policies.rules.rule import Strength

PROPOSED = "nprm-2025"


def test_the_profiles_are_these() -> None:
    """The rule in force is what every command takes unless it is told otherwise."""
    assert profile_names() == (PROPOSED, "rule")
    assert load_profile() == load_profile("rule")
    assert load_profile().in_force
    assert load_profile().controls == load_controls()


def test_the_proposed_rule_says_that_it_is_not_law_and_when_that_was_checked() -> None:
    """Nobody mistakes a proposal for a duty."""
    proposed = load_profile(PROPOSED)
    assert not proposed.in_force
    assert "Proposed" in proposed.title
    assert proposed.status.startswith("proposed, not law (checked on 20")
    assert "90 FR 898" in proposed.title
    assert proposed.source.startswith("https://www.federalregister.gov/documents/2025/01/06/2024-30983/")


def test_the_proposed_rule_knows_nothing_addressable() -> None:
    """Every specification becomes required; no other row changes its obligation."""
    before = {row.id: row for row in load_controls()}
    rows = load_controls(PROPOSED)
    assert {row.obligation for row in rows} == {"required"}
    assert any(row.obligation == "addressable" for row in before.values())


def test_the_proposed_rule_keeps_every_row_and_adds_its_own() -> None:
    """What is in force comes first, in its order, with its reasons; what is proposed is marked by its id."""
    before, rows = load_controls(), load_controls(PROPOSED)
    for old, new in zip(before, rows, strict=False):
        assert (new.id, new.title, new.decided, new.attestation) == (old.id, old.title, old.decided, old.attestation)
        assert new.reason.startswith(old.reason)
    added = rows[len(before) :]
    assert added
    assert all(row.id.startswith("nprm-") for row in added)
    assert len({row.id for row in rows}) == len(rows)


def test_overrides_are_of_rows_that_there_are_and_each_once() -> None:
    """A misspelt id would change nothing, unseen."""
    overrides = [item["id"] for item in read_profile(PROPOSED)["overrides"]]
    assert len(set(overrides)) == len(overrides)
    assert set(overrides) <= {row.id for row in load_controls()}


@pytest.mark.parametrize("row", load_controls(PROPOSED)[len(load_controls()) :], ids=lambda row: row.id)
def test_an_added_row_says_where_it_is_proposed_and_what_evidences_it(row: Control) -> None:
    """Its paragraph or that this is unverified, rules of this pack where code sees something, and who signs the rest."""
    if row.paragraph == "unverified":
        assert not re.search(r"\d", row.id.removeprefix("nprm-"))
    else:
        assert row.paragraph == f"proposed {row.id.removeprefix('nprm-')}"
    assert set(row.evidence) <= {rule.name for rule in RULES}
    assert bool(row.evidence) == (row.decided is Decided.PARTIAL)
    assert row.attestation is not None
    assert row.reason.endswith(".")


def test_encryption_is_shown_by_every_rule_that_shows_it_of_the_rule_in_force() -> None:
    """The proposal merges at rest and in transit; a new rule about either one shows the merged row too."""
    merged = ("164.312(a)(2)(iv)", "164.312(e)(2)(ii)")
    (row,) = (row for row in load_controls(PROPOSED) if row.id == "nprm-164.312(b)")
    direct = {rule.name for rule in RULES if any(rule.evidence.get(each) is Strength.DIRECT for each in merged)}
    assert direct == {name for name, strength in row.evidence.items() if strength is Strength.DIRECT}


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    """One sentence that helps."""
    with pytest.raises(PolicyError, match=r"no profile named 'nprm'; choose one of nprm-2025, rule\.$"):
        load_profile("nprm")
