"""The list of rules and their controls, frozen, and the Security Rule's rows."""

from collections import Counter
from pathlib import Path

import yaml

from policies import PACK_VERSION
from policies.controls import Decided, load_controls
from policies.rules import RULES
from policies.rules.rule import Strength

FROZEN = Path(__file__).parent / "inventory.yaml"
APPENDIX_A = ("164.308", "164.310", "164.312")


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
        }
        for rule in RULES
    }
    assert len(found) == len(RULES)
    frozen = yaml.safe_load(FROZEN.read_text())
    assert found == {name: {key: entry[key] for key in entry if key != "elsewhere"} for name, entry in frozen.items()}


def test_the_rows_are_those_of_appendix_a() -> None:
    """18 standards, 14 required and 22 addressable specifications; 314 and 316 add theirs."""
    rows = load_controls()
    appendix = [row for row in rows if row.id.startswith(APPENDIX_A)]
    counted = Counter("standard" if row.kind == "standard" else row.obligation for row in appendix)
    assert counted == {"standard": 18, "required": 14, "addressable": 22}
    others = Counter(row.id[:7] for row in rows if row not in appendix)
    assert others == {"164.314": 9, "164.316": 5}
    assert len({row.id for row in rows}) == 68
    assert {row.kind for row in rows} == {"standard", "specification"}


def test_addressable_specifications_are_the_rules_own() -> None:
    """The 22 paragraphs that the text of the rule marks as addressable."""
    addressable = {row.id.removeprefix("164.") for row in load_controls() if row.obligation == "addressable"}
    assert addressable == {
        "308(a)(3)(ii)(A)",
        "308(a)(3)(ii)(B)",
        "308(a)(3)(ii)(C)",
        "308(a)(4)(ii)(B)",
        "308(a)(4)(ii)(C)",
        "308(a)(5)(ii)(A)",
        "308(a)(5)(ii)(B)",
        "308(a)(5)(ii)(C)",
        "308(a)(5)(ii)(D)",
        "308(a)(7)(ii)(D)",
        "308(a)(7)(ii)(E)",
        "310(a)(2)(i)",
        "310(a)(2)(ii)",
        "310(a)(2)(iii)",
        "310(a)(2)(iv)",
        "310(d)(2)(iii)",
        "310(d)(2)(iv)",
        "312(a)(2)(iii)",
        "312(a)(2)(iv)",
        "312(c)(2)",
        "312(e)(2)(i)",
        "312(e)(2)(ii)",
    }


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
