"""What counts as found, right and leaking."""

import pytest

from model_build.deid.examples import Example
from model_build.deid.score import Score, f2, rates
from services.gateway.deidentify import Span

TEXT = "Ana Ruiz, Salem."
MARKED = Example(TEXT, (Span(0, 8, "PERSON"), Span(10, 15, "LOCATION")))


def scored(*predicted: Span, example: Example = MARKED) -> Score:
    score = Score()
    score.add(example, predicted)
    return score


def test_a_span_is_found_when_spans_of_any_type_cover_its_letters_and_digits() -> None:
    """Two spans may share the work; the space between them need not be covered."""
    score = scored(Span(0, 3, "PERSON"), Span(4, 8, "LOCATION"), Span(10, 16, "LOCATION"))
    assert score.found == {"PERSON": 1, "LOCATION": 1}
    assert score.found_exactly == {"PERSON": 0, "LOCATION": 1}
    assert score.leak_rate == 0


def test_one_letter_left_is_a_miss_and_a_leak() -> None:
    score = scored(Span(0, 7, "PERSON"), Span(10, 15, "LOCATION"))
    assert score.found["PERSON"] == 0
    assert score.leak_rate == 1


def test_a_prediction_is_right_when_half_of_it_is_marked() -> None:
    example = Example("Ana was seen in Salem", (Span(0, 3, "PERSON"),))
    score = scored(Span(0, 7, "PERSON"), Span(16, 21, "LOCATION"), example=example)
    assert rates(score, ["PERSON"]).precision == 1
    assert rates(score, ["LOCATION"]).precision == 0
    assert rates(score, ["PERSON", "LOCATION"]).precision == 0.5
    assert scored(Span(0, 11, "PERSON"), example=example).right["PERSON"] == 0


def test_a_prediction_of_another_type_is_right_but_not_exactly() -> None:
    found = rates(scored(Span(0, 8, "LOCATION")), ["LOCATION"])
    assert (found.precision, found.exact_precision) == (1, 0)


def test_a_refused_text_finds_nothing_and_leaks_nothing() -> None:
    score = Score()
    score.add(MARKED, None)
    assert (score.refused, score.leak_rate, rates(score, ["PERSON"]).recall) == (1, 0, 0)


def test_f2_takes_recall_for_twice_as_important() -> None:
    """Five times the product over four times precision plus recall."""
    assert f2(0.5, 1.0) == pytest.approx(5 * 0.5 / 3)
    assert f2(1.0, 0.5) == pytest.approx(5 * 0.5 / 4.5)
    assert f2(0.0, 0.0) == 0
    assert f2(None, 1.0) is None


def test_scores_add_up() -> None:
    """Counts of each type and of texts."""
    both = Score.total([scored(Span(0, 8, "PERSON")), scored(Span(0, 8, "PERSON"), Span(10, 15, "LOCATION"))])
    assert (both.texts, both.leak_rate, both.found) == (2, 0.5, {"PERSON": 2, "LOCATION": 1})
