"""JUnit: only what is compliant passes."""

import xml.etree.ElementTree as ET

import pytest

from policies.outcomes import Outcome
from policies.record import Mode
from policies.report.formats import junit
from policies.report.model import Report
from tests.policies.report.samples import ALL_SIGNED, everything, report, result, signed, varied


def cases(found: Report) -> dict[tuple[str, str], str]:
    """(class, name) of every case to what it came to: passed, failure, error or skipped."""
    root = ET.fromstring(junit.write(found))
    assert root.tag == "testsuites"
    return {
        (case.get("classname", ""), case.get("name", "")): case[0].tag if len(case) else "passed"
        for case in root.iter("testcase")
    }


def test_each_outcome_is_a_case() -> None:
    """A violation fails, an unknown of a finished stack is an error, what is waived or inherited is skipped."""
    found = {name.rpartition("::")[2]: what for (rule, name), what in cases(varied()).items() if "::" in name}
    assert found == {
        "public-a": "failure",
        "bastion": "skipped",
        "private-a": "error",
        "other": "skipped",
    }


def test_a_rule_that_did_not_run_is_an_error_once_applied() -> None:
    """In a preview it is skipped; it never passes."""
    assert cases(varied())["scanned", "not run"] == "error"
    assert cases(varied(mode=Mode.PREVIEW))["scanned", "not run"] == "skipped"


def test_a_clean_report_passes_and_counts() -> None:
    """Three rules and five rows."""
    clean = report(everything(Outcome.COMPLIANT), ALL_SIGNED)
    assert set(cases(clean).values()) == {"passed"}
    root = ET.fromstring(junit.write(clean))
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["8", "0", "0", "0"]


def test_a_row_that_is_not_attested_is_skipped_and_one_that_expired_fails() -> None:
    """The rows of the rule are cases of their own."""
    part = signed("164.312(b)", expires=signed("164.312(b)").signed)
    found = cases(report(everything(Outcome.COMPLIANT), [part]))
    assert found["164.312(b)", "Title of 164.312(b)"] == "failure"
    assert found["164.308(a)(2)", "Title of 164.308(a)(2)"] == "skipped"
    assert found["164.312(a)(1)", "Title of 164.312(a)(1)"] == "passed"


@pytest.mark.parametrize("outcome", [Outcome.COMPLIANT, Outcome.VIOLATION])
def test_a_rule_that_is_not_enforced_neither_passes_nor_fails(outcome: Outcome) -> None:
    """As the exit status does, and no greener."""
    loose = report(
        everything(outcome), ALL_SIGNED, enforcement=dict.fromkeys(("closed", "logged", "scanned"), "advisory")
    )
    assert {what for (rule, _), what in cases(loose).items() if not rule.startswith("164")} == {"skipped"}


def test_control_characters_of_a_message_do_not_break_the_file() -> None:
    """XML cannot hold them; they are left out."""
    strange = result("closed", Outcome.VIOLATION, "odd", message="bell \x07 <tag> &")
    assert 'message="violation: bell  &lt;tag&gt; &amp;"' in junit.write(report([strange]))
