"""The list of rules and their controls, frozen, and what the Security Rule's rows say of them."""

from pathlib import Path

import yaml

from policies import PACK_VERSION
from policies.controls import Decided, load_controls
from policies.rules import RULES
from policies.rules.rule import Strength

FROZEN = Path(__file__).parent / "inventory.yaml"


def test_no_rule_appears_changes_or_vanishes_unseen() -> None:
    """Changing a rule's scope, severity or controls means changing inventory.yaml in the same review.

    What it says of our own program beside that, test_program.py compares.
    """
    found = {
        rule.name: {
            "scope": rule.scope.value,
            "severity": rule.severity.value,
            **{
                strength.value: sorted(item for item in rule.evidence if rule.evidence[item] is strength)
                for strength in Strength
                if strength in rule.evidence.values()
            },
            **({"optional": True} if rule.optional else {}),
        }
        for rule in RULES
    }
    assert len(found) == len(RULES)
    frozen = yaml.safe_load(FROZEN.read_text())
    assert found == {name: {key: entry[key] for key in entry if key != "elsewhere"} for name, entry in frozen.items()}


def test_what_our_own_program_lacks_is_optional() -> None:
    """A rule about what only other programs have cannot leave a gap in ours."""
    frozen = yaml.safe_load(FROZEN.read_text())
    assert all(entry.get("optional") for entry in frozen.values() if entry.get("elsewhere"))


def test_rows_say_that_code_decides_them_exactly_where_a_rule_does() -> None:
    """A row without a rule is not called decided, and a row with one is not called organisational."""
    cited = {control for rule in RULES for control in rule.evidence}
    for row in load_controls():
        assert (row.id in cited) == (row.decided in (Decided.IAC, Decided.PARTIAL)), row.id
        assert row.reason.endswith("."), row.id


def test_rows_that_code_decides_have_direct_evidence() -> None:
    """Supporting rules alone do not decide a control."""
    direct = {item for rule in RULES for item, strength in rule.evidence.items() if strength is Strength.DIRECT}
    assert {row.id for row in load_controls() if row.decided is Decided.IAC} <= direct


def test_record_and_engine_name_the_same_version() -> None:
    """PulumiPolicy.yaml is what the engine prints, PACK_VERSION what the report prints."""
    project = Path(__file__).parents[2] / "policies" / "PulumiPolicy.yaml"
    assert yaml.safe_load(project.read_text())["version"] == PACK_VERSION
