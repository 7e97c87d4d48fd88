"""Nothing is green that was not shown: outcomes, rules and both halves of every row."""

from collections.abc import Sequence
from datetime import date

import pytest

from policies.attestations import Attestation
from policies.errors import PolicyError
from policies.outcomes import Outcome
from policies.record import Mode
from policies.report.model import Report, build
from policies.report.states import GREEN, State
from tests.policies.report.samples import (
    ALL_SIGNED,
    HELPED,
    INHERITED,
    PART,
    PEOPLE,
    PROFILE,
    PROVIDER,
    RULES,
    SUBNET,
    WAIVER,
    WHOLE,
    everything,
    report,
    result,
    rule,
    run,
    signed,
    varied,
)

ABSENT = {"aws:s3/bucket:Bucket": 3}
"""What a rule that ran and has no subject says of the stack."""


def rule_state(found: Report, name: str) -> State:
    """The state of one rule."""
    return next(item.state for item in found.rules if item.rule.name == name)


def states(found: Report) -> dict[str, State]:
    """The state of every row."""
    return {item.control.id: item.state for item in found.rows}


def labels(found: Report) -> dict[str, str]:
    """What is said of every row."""
    return {item.control.id: item.label for item in found.rows}


def test_everything_is_green_where_all_is_compliant_and_signed() -> None:
    """Rows that only people answer for are attested; one that rules help and somebody signed for is compliant."""
    found = report(everything(Outcome.COMPLIANT), ALL_SIGNED)
    assert states(found) == {
        PEOPLE: State.ATTESTED,
        HELPED: State.COMPLIANT,
        PROVIDER: State.ATTESTED,
        WHOLE: State.COMPLIANT,
        PART: State.COMPLIANT,
    }


def test_without_a_signature_the_missing_half_is_said() -> None:
    """Only the row that code decides wholly is green."""
    found = report(everything(Outcome.COMPLIANT))
    assert [item.control.id for item in found.rows if item.shown] == [WHOLE]
    assert labels(found) == {
        PEOPLE: "Up to the organisation; not attested",
        HELPED: "Infrastructure supports it; not attested",
        PROVIDER: "Inherited from the cloud provider; not attested",
        WHOLE: "Infrastructure compliant",
        PART: "Infrastructure compliant; not attested",
    }


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.VIOLATION, State.VIOLATION),
        (Outcome.UNKNOWN, State.UNKNOWN),
        (Outcome.WAIVED, State.WAIVED),
        (Outcome.INHERITED, State.INHERITED),
    ],
)
def test_one_bad_outcome_outweighs_many_good_ones_and_every_signature(outcome: Outcome, state: State) -> None:
    """Neither the rule nor a row that it evidences is green, also where it only supports the row."""
    found = report([*everything(Outcome.COMPLIANT), result("logged", outcome, "other")], ALL_SIGNED)
    assert rule_state(found, "logged") is state
    assert states(found)[PART] is states(found)[WHOLE] is state


def test_a_rule_that_recorded_nothing_was_not_run() -> None:
    """A run that broke off is not a clean one, whatever the other rules of the row say."""
    found = report([item for item in everything(Outcome.COMPLIANT) if item.rule != "logged"], ALL_SIGNED)
    assert rule_state(found, "logged") is State.NOT_RUN
    assert states(found)[WHOLE] is State.NOT_RUN
    assert not found.passed()


def test_a_rule_without_a_subject_leaves_a_gap() -> None:
    """It ran and found no resource: the row says so, alone and beside a rule that is compliant."""
    results = [item for item in everything(Outcome.COMPLIANT) if item.rule != "logged"]
    found = report(results, ALL_SIGNED, not_applicable={"logged": ABSENT})
    assert rule_state(found, "logged") is State.NO_SUBJECT
    assert states(found)[PART] is State.NO_SUBJECT
    assert states(found)[WHOLE] is State.INCOMPLETE
    assert labels(found)[WHOLE] == "Compliant where there is a subject"
    assert found.resources == 3


def test_a_rule_about_what_a_stack_may_lack_leaves_no_gap() -> None:
    """It is said to be not applicable, and the row's other rules decide."""
    rules = (*RULES, rule("tunnelled", direct="312(a)(1)", supporting="312(b)", optional=True))
    found = report(everything(Outcome.COMPLIANT), ALL_SIGNED, rules=rules, not_applicable={"tunnelled": ABSENT})
    assert rule_state(found, "tunnelled") is State.NOT_APPLICABLE
    assert states(found)[WHOLE] is states(found)[PART] is State.COMPLIANT
    assert "1 not applicable" in next(item.counts() for item in found.rows if item.control.id == WHOLE)


def test_a_direct_rule_that_does_not_apply_shows_nothing() -> None:
    """A row whose other rules only help it is supported, not compliant."""
    rules = (rule("tunnelled", direct="312(a)(1)", optional=True), rule("logged", supporting="312(a)(1)"))
    found = report([result("logged", Outcome.COMPLIANT)], rules=rules, not_applicable={"tunnelled": ABSENT})
    assert states(found)[WHOLE] is State.SUPPORTED


@pytest.mark.parametrize(("signatures", "state"), [(ALL_SIGNED, State.ATTESTED), ((), State.NOT_ATTESTED)])
def test_a_row_none_of_whose_rules_applies_is_for_people(signatures: Sequence[Attestation], state: State) -> None:
    """Nothing of the kind is here: code shows nothing, and a signature is all there is."""
    rules = (rule("tunnelled", direct="312(b)", optional=True), rule("closed", direct="312(a)(1)"))
    found = report([result("closed", Outcome.COMPLIANT)], signatures, rules=rules, not_applicable={"tunnelled": ABSENT})
    assert states(found)[PART] is state
    assert labels(found)[PART].startswith("Nothing that the rules are about is here; ")


def test_a_rule_about_what_a_stack_may_lack_must_have_run() -> None:
    """Without a line in the record nobody knows that there is nothing."""
    rules = (*RULES, rule("tunnelled", direct="312(a)(1)", optional=True))
    assert states(report(everything(Outcome.COMPLIANT), ALL_SIGNED, rules=rules))[WHOLE] is State.NOT_RUN


def test_a_rule_that_stops_nothing_is_not_green() -> None:
    """What it found proves less than what was enforced."""
    found = report(everything(Outcome.COMPLIANT), ALL_SIGNED, enforcement={"closed": "advisory"})
    assert rule_state(found, "closed") is State.ADVISORY
    assert states(found)[WHOLE] is State.ADVISORY
    assert found.passed()


def test_a_rule_that_is_switched_off_is_not_one_that_broke_off() -> None:
    """It fails nothing and is green nowhere."""
    results = [item for item in everything(Outcome.COMPLIANT) if item.rule != "closed"]
    found = report(results, ALL_SIGNED, enforcement={"closed": "disabled"})
    assert rule_state(found, "closed") is State.DISABLED
    assert states(found)[WHOLE] is State.DISABLED
    assert found.passed()


def test_an_advisory_violation_is_red_and_does_not_fail() -> None:
    """The report shows it as the violation that it is."""
    found = report(everything(Outcome.VIOLATION), enforcement={item.name: "advisory" for item in RULES})
    assert rule_state(found, "closed") is State.VIOLATION
    assert states(found)[WHOLE] is State.VIOLATION
    assert found.passed()


def test_what_is_inherited_beside_other_evidence_is_inherited_in_part() -> None:
    """A row is not shown by one half of its evidence, and the label says that there are two."""
    found = report([*everything(Outcome.COMPLIANT), result("logged", Outcome.INHERITED, "other")])
    assert labels(found)[WHOLE] == "Inherited in part"
    assert [(item.service, item.by, item.rules) for item in found.inherited()] == [
        (INHERITED["service"], INHERITED["by"], ("logged",))
    ]


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 1, 30), State.EXPIRED),
        (date(2026, 1, 31), State.EXPIRED),
        (date(2026, 2, 1), State.COMPLIANT),
    ],
)
def test_an_attestation_holds_until_the_day_before_it_expires(day: date, state: State) -> None:
    """From that day on the row is not green, and the report fails."""
    found = report(everything(Outcome.COMPLIANT), [signed(PART, expires=day)])
    assert states(found)[PART] is state
    assert found.passed() == (state in GREEN)


def test_what_is_signed_for_a_later_day_does_not_hold_yet() -> None:
    """The day is that of the run, not of the report."""
    later = signed(PART, signed=date(2026, 2, 1))
    assert states(report(everything(Outcome.COMPLIANT), [later]))[PART] is State.NOT_ATTESTED


def test_a_signature_does_not_cover_a_violation() -> None:
    """The worse half is the row's state."""
    found = report(everything(Outcome.VIOLATION), ALL_SIGNED)
    assert labels(found)[PART] == "Violation; attested"
    assert states(found)[PART] is State.VIOLATION


def test_an_expired_waiver_of_this_stack_fails_and_that_of_another_does_not() -> None:
    """A date that has come is not passed over, even where the violation is gone."""
    expired = {"rule": "closed", "findings": [], **WAIVER, "expires": "2026-01-31"}
    ours, theirs = expired | {"resource": f"{SUBNET}::private-a"}, expired | {"resource": f"{SUBNET}::elsewhere"}
    assert not report(everything(Outcome.COMPLIANT), waivers=(ours,)).passed()
    assert report(everything(Outcome.COMPLIANT), waivers=(theirs,)).passed()


def test_waivers_that_waive_nothing_are_named() -> None:
    """Used and unused ones are kept apart."""
    found = varied()
    assert [item["resource"] for item in found.unused_waivers()] == [f"{SUBNET}::gone"]
    assert not found.speaks_of_this_stack(found.unused_waivers()[0])


def test_unknown_fails_only_what_is_applied() -> None:
    """A preview may not see everything; a finished stack has no excuse, also where a violation is advisory."""
    unknown = [*everything(Outcome.COMPLIANT), result("closed", Outcome.UNKNOWN, "other")]
    assert report(unknown, mode=Mode.PREVIEW).passed()
    assert not report(unknown, mode=Mode.STATE).passed()
    hidden = [*unknown, result("closed", Outcome.VIOLATION, "third")]
    assert not report(hidden, mode=Mode.STATE, enforcement={"closed": "advisory"}).passed()


def test_a_preview_cannot_be_called_applied() -> None:
    """Nobody settles what a preview could not see by an option."""
    preview = run(everything(Outcome.COMPLIANT), mode=Mode.PREVIEW)
    with pytest.raises(PolicyError, match="leave --applied out"):
        build(preview, RULES, PROFILE, (), stack="dev", applied=True, emulated_aws=False)


def test_what_needs_attention_comes_worst_first() -> None:
    """Violations before what did not run before what is unknown."""
    assert [item.rule.name for item in varied().attention()] == ["closed", "scanned", "logged"]
