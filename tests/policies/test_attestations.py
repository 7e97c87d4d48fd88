"""Attestations: signed by somebody, for a document, until a date, for rows that people have to show."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from policies.attestations import ATTESTATIONS_FILE, load_attestations
from policies.controls import Control, Decided, Need, load_controls
from policies.errors import PolicyError

GOOD = """
- control: 164.308(a)(1)(ii)(A)
  statement: The risk analysis covers all ePHI that the platform handles.
  document: RA-2027-03
  by: Robin Example
  role: security official
  signed: 2027-03-01
  expires: 2028-03-01
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "attestations.yaml"
    path.write_text(text)
    return path


def _control(name: str, months: int) -> Control:
    return Control(
        id=name,
        title="Title",
        kind="standard",
        obligation="required",
        decided=Decided.ORGANISATIONAL,
        reason="A reason.",
        attestation=Need(who="security official", document="A document", months=months),
    )


def test_the_template_attests_nothing() -> None:
    """Whoever takes it over has signed nothing yet, and the report may not say otherwise."""
    assert load_attestations(ATTESTATIONS_FILE) == ()


def test_the_templates_example_is_well_formed(tmp_path: Path) -> None:
    """What the comment shows is what the loader reads."""
    lines = ATTESTATIONS_FILE.read_text().splitlines()
    example = [line.removeprefix("# ") for line in lines if line.startswith(("# - ", "#   "))]
    (found,) = load_attestations(_write(tmp_path, "\n".join(example)))
    assert found.control == "164.308(a)(1)(ii)(A)"


def test_a_signature_holds_from_its_day_until_the_day_before_it_expires(tmp_path: Path) -> None:
    """Before it was signed and from its end on, the row is not attested."""
    (found,) = load_attestations(_write(tmp_path, GOOD), load_controls())
    days = (date(2027, 2, 28), date(2027, 3, 1), date(2028, 2, 29), date(2028, 3, 1))
    assert [found.holds(day) for day in days] == [False, True, True, False]
    assert [found.expired(day) for day in days] == [False, False, False, True]


@pytest.mark.parametrize(
    ("signed", "months", "latest"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2027, 11, 30), 12, date(2028, 11, 30)),
        (date(2027, 12, 31), 6, date(2028, 6, 30)),
    ],
)
def test_a_signature_holds_for_no_longer_than_the_row_allows(
    tmp_path: Path, signed: date, months: int, latest: date
) -> None:
    """Months of the calendar, to the last day of a month that is shorter."""
    text = GOOD.replace("164.308(a)(1)(ii)(A)", "row").replace("2027-03-01", str(signed))
    controls = [_control("row", months)]
    assert load_attestations(_write(tmp_path, text.replace("2028-03-01", str(latest))), controls)
    with pytest.raises(PolicyError, match=f"expires must be {latest} or earlier"):
        load_attestations(_write(tmp_path, text.replace("2028-03-01", str(latest + timedelta(days=1)))), controls)


def test_the_end_of_the_calendar_is_no_error(tmp_path: Path) -> None:
    """A year after the last year is as far as dates go."""
    text = GOOD.replace("2027-03-01", "9999-12-01").replace("2028-03-01", "9999-12-31")
    assert load_attestations(_write(tmp_path, text))


def test_what_another_profile_asks_is_left_out(tmp_path: Path) -> None:
    """One file serves a report on the rule in force and one on the proposed rule, which has rows of its own."""
    test = GOOD.replace("164.308(a)(1)(ii)(A)", "nprm-164.312(h)(2)(iii)")
    path = _write(tmp_path, GOOD + test)
    in_force = load_attestations(path, load_controls("rule"))
    proposed = load_attestations(path, load_controls("nprm-2025"))
    assert [item.control for item in in_force] == ["164.308(a)(1)(ii)(A)"]
    assert [item.control for item in proposed] == ["164.308(a)(1)(ii)(A)", "nprm-164.312(h)(2)(iii)"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b", "must be a list of attestations"),
        ("- just text", "exactly these keys"),
        (GOOD.replace("  by: Robin Example\n", ""), "exactly these keys"),
        (GOOD + "  note: x\n", "exactly these keys"),
        (GOOD.replace("RA-2027-03", "''"), "document must be a text"),
        (GOOD.replace("2027-03-01", "March"), "signed must be a date"),
        (GOOD.replace("2028-03-01", "2028"), "expires must be a date"),
        (GOOD.replace("(ii)(A)", "(ii)(Z)"), "there is no control '164.308(a)(1)(ii)(Z)'"),
        (GOOD.replace("164.308(a)(1)(ii)(A)", "164.312(a)(1)"), "164.312(a)(1) needs no attestation"),
        (GOOD.replace("2028-03-01", "2027-03-01"), "expires must be later than signed"),
        (GOOD.replace("2028-03-01", "2028-03-02"), "expires must be 2028-03-01 or earlier"),
        (GOOD + GOOD, "twice"),
        ("- [", "cannot be read as YAML"),
    ],
)
def test_a_malformed_entry_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    """No report is written from an attestation that is not understood."""
    with pytest.raises(PolicyError, match=r"attestations\.yaml") as refused:
        load_attestations(_write(tmp_path, text), load_controls())
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
