from pathlib import Path

import pytest

from services.gateway.deidentify import LanguageRefused, Scope, Span
from services.gateway.deidentify.engine import TextEngine
from services.gateway.deidentify.policy import load_policy
from services.gateway.deidentify.view import view
from tests.services.gateway.deidentify.conftest import NoRecognizer
from tests.services.gateway.deidentify.marked import expected, lines, plain


def test_names_places_and_numbers_go(engine: TextEngine) -> None:
    """Rules and recogniser together leave nothing of an ordinary note that identifies."""
    text = "Mrs. Maria Lopez, MRN 00482913, was seen on 03/14/2023 in Boston by Dr. John Smith; call 415-555-2671."
    found = engine.deidentify(text)
    assert [span.type for span in found.spans] == [
        *("PERSON", "MEDICAL_RECORD_NUMBER", "DATE", "LOCATION", "PERSON", "PHONE_NUMBER"),
    ]
    assert found.text == (
        "Mrs. <PERSON>, MRN <MEDICAL_RECORD_NUMBER>, was seen on <DATE> in <LOCATION> by Dr. <PERSON>; call <PHONE_NUMBER>."
    )


@pytest.mark.parametrize("marked", lines("told.txt"))
def test_names_without_a_form_are_found(engine: TextEngine, marked: str) -> None:
    """In small letters too, and whatever tells of the person: a relation, a role, a deed. Nothing of any is left."""
    shown = view(plain(marked))
    taken = {place for span in engine._finder.spans(shown) for place in range(span.start, span.end)}
    start = 0
    for _, value in expected(marked):
        start = shown.text.index(value, start)
        assert taken.issuperset(range(start, start + len(value)))


def test_a_name_is_found_wherever_it_comes_again(engine: TextEngine) -> None:
    """A word of a name that was found is one at its other places too."""
    found = engine.deidentify("Dr. Quillfeather came. Later I asked for Quillfeather again.")
    assert "Quillfeather" not in found.text


def test_another_language_is_refused(engine: TextEngine) -> None:
    """The engine doesn't try what it can't do."""
    with pytest.raises(LanguageRefused):
        engine.deidentify("Der Patient Hans Schmidt ist nicht zufrieden.")


def test_a_failing_recogniser_fails_the_text() -> None:
    """There is no answer from the rules alone."""

    class Broken:
        def spans(self, text: str) -> list[Span]:
            raise RuntimeError(text)

    with pytest.raises(RuntimeError):
        TextEngine(recognizer=Broken()).deidentify("Dr. Smith came.")


def test_a_policy_decides_what_becomes_of_identifiers(tmp_path: Path) -> None:
    """The operators of the policy are applied, with the key, within the scope."""
    path = tmp_path / "policy.yaml"
    path.write_text("name: ours\noperators: {PERSON: surrogate, DATE: date_shift, AGE: generalise}\n", "utf-8")
    engine = TextEngine(load_policy(path), key=bytes(range(32)), recognizer=NoRecognizer())
    scope = Scope("talk", subject="patient-7")
    first = engine.deidentify("Dr. Smith saw the 93-year-old on 2021-03-14.", scope).text
    again = engine.deidentify("Dr. Smith saw the 93-year-old on 2021-03-14.", scope).text
    assert first == again
    assert "<PERSON_" in first
    assert "90+-year-old" in first
    assert "2021-03-14" not in first
    assert "<DATE>" not in first
    assert engine.policy.version.startswith("ours-")


@pytest.mark.parametrize(
    ("text", "guessed", "taken"),
    [
        ("RHEUM CLINIC: seen for gout", "RHEUM CLINIC", False),
        ("Pulmonary Rehab starts soon", "Pulmonary Rehab", False),
        ("Seen at Wolf Hollow Clinic today", "Wolf Hollow Clinic", True),
        ("Born in North Dakota, he says", "Dakota", False),
        ("Born in Dakota City, he says", "Dakota City", True),
    ],
)
def test_a_kind_of_department_and_the_end_of_a_state_are_no_places(text: str, guessed: str, taken: bool) -> None:
    """Whatever the recogniser says of them."""

    class Guessing:
        def spans(self, text: str) -> list[Span]:
            return [Span(text.index(guessed), text.index(guessed) + len(guessed), "LOCATION")]

    assert (guessed not in TextEngine(recognizer=Guessing()).deidentify(text).text) is taken
