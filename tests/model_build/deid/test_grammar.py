"""Templates: what is written in them, and that the two parts share none."""

from collections.abc import Iterator
from random import Random

import pytest

from model_build.deid.examples import Part, Piece
from model_build.deid.grammar import Choice, GrammarError, Slot, Symbol, Text, expand, grammar, parse
from model_build.deid.slots import fillers


def test_a_template_has_text_slots_symbols_and_choices() -> None:
    assert parse(r"a {x} <y>(b|\(c\)|)") == (
        Text("a "),
        Slot("x"),
        Text(" "),
        Symbol("y"),
        Choice(((Text("b"),), (Text("("), Text("c"), Text(")")), ())),
    )


def test_signs_that_begin_no_slot_are_text() -> None:
    """ "SBP < 100 {sic" loses nothing."""
    pieces = expand(parse("SBP < 100 {sic"), Random(0), {}, {})
    assert "".join(piece.text for piece in pieces) == "SBP < 100 {sic"


@pytest.mark.parametrize("template", ["(a|b", "((a)"])
def test_brackets_that_stay_open_are_an_error(template: str) -> None:
    with pytest.raises(GrammarError, match="Close the brackets"):
        parse(template)


def test_a_choice_is_made_by_the_random_numbers() -> None:
    made = {next(expand(parse("(a|b)"), Random(seed), {}, {})).text for seed in range(20)}
    assert made == {"a", "b"}


@pytest.mark.parametrize("part", ["tune", "report"])
def test_every_slot_and_symbol_that_a_template_names_exists(part: Part) -> None:
    templates, slots = grammar(part), fillers(Random(0), part)
    for node in _nodes(part):
        match node:
            case Slot(name):
                assert name in slots
            case Symbol(name):
                assert templates[name]


def test_every_slot_gives_text() -> None:
    for name, fill in fillers(Random(1), "tune").items():
        pieces = [piece for _ in range(20) for piece in fill()]
        assert all(isinstance(piece, Piece) for piece in pieces)
        assert any(piece.text.strip() for piece in pieces), name


def test_the_parts_share_no_template_but_lists_of_labels() -> None:
    """Sections that both have are lists of short turns of phrase, or the plans of whole texts."""
    tune, report = grammar("tune"), grammar("report")
    shared = {name for name in tune.keys() & report.keys() if set(tune[name]) & set(report[name])}
    assert shared.isdisjoint(
        {"hpi", "relative", "clinician", "place", "dated", "numbered", "plain", "frame", "feedback"}
    )
    assert all(set(tune[name]) == set(report[name]) for name in shared - {"text"})


def _nodes(part: Part) -> Iterator[object]:
    stack: list[object] = [node for section in grammar(part).values() for template in section for node in template]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Choice):
            stack += [inner for option in node.options for inner in option]


def test_lessons_are_in_no_text_that_is_measured_on() -> None:
    tune, report = grammar("tune"), grammar("report")
    assert "lesson" in tune
    assert "lesson" not in report
    assert set(report["text"]) < set(tune["text"])
