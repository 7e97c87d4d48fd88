from datetime import date, datetime

import pytest

from services.gateway.deidentify import Scope
from services.gateway.deidentify.operators.date_shift import DateShift

SHIFT = DateShift(bytes(range(32)))
SCOPE = Scope("talk", subject="patient-7")


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("03/14/2021", "%m/%d/%Y"),
        ("2021-03-14", "%Y-%m-%d"),
        ("20210314", "%Y%m%d"),
        ("March 14, 2021", "%B %d, %Y"),
        ("14 Mar 2021", "%d %b %Y"),
        ("14-MAR-2021", "%d-%b-%Y"),
        ("14.03.2021", "%d.%m.%Y"),
        ("03/14/21", "%m/%d/%y"),
    ],
)
def test_every_form_moves_by_the_same_days_and_stays_a_form(value: str, form: str) -> None:
    """A subject's dates move together, by 1 to 365 days, and are written as they were."""
    shifted = SHIFT(value, SCOPE)
    assert shifted is not None
    moved = datetime.strptime(shifted, form).date() - date(2021, 3, 14)
    expected = date.fromisoformat(str(SHIFT("2021-03-14", SCOPE))) - date(2021, 3, 14)
    assert moved == expected
    assert 1 <= abs(moved.days) <= 365


def test_intervals_stay() -> None:
    """Two dates of a subject are as far apart as before, over the end of a year too."""
    first, second = (date.fromisoformat(str(SHIFT(each, SCOPE))) for each in ("2019-12-20", "2020-03-05"))
    assert second - first == date(2020, 3, 5) - date(2019, 12, 20)


def test_the_offset_is_the_subjects() -> None:
    """It is the same in every conversation about a subject, and another for others; without a subject the conversation's."""
    value = "2021-03-14"
    assert SHIFT(value, SCOPE) == SHIFT(value, Scope("another talk", subject="patient-7"))
    offsets = {SHIFT(value, Scope("talk", subject=f"patient-{number}")) for number in range(50)}
    assert len(offsets) > 40
    assert SHIFT(value, Scope("a")) == SHIFT(value, Scope("a"))
    assert SHIFT(value, Scope("a")) != DateShift(bytes(32))(value, Scope("a"))


@pytest.mark.parametrize(
    "value", ["3/14", "Monday", "March", "2/30/2021", "13/13/2021", "Christmas", "spring of 2019", "3/4-3/9/21"]
)
def test_what_has_no_certain_day_is_not_shifted(value: str) -> None:
    """The operator then replaces it."""
    assert SHIFT(value, SCOPE) is None
