"""Names that medicine uses as words."""

import pytest

from services.gateway.deidentify.engine import TextEngine
from services.gateway.deidentify.rules.eponyms import is_eponym
from services.gateway.deidentify.view import view


def meant(text: str, name: str) -> bool:
    """Whether `name` is taken for a word of medicine where it stands in `text`."""
    start = text.index(name)
    return is_eponym(view(text), start, start + len(name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Foley catheter in place.", "Foley"),
        ("FOLEY D/C'D AT 0600", "FOLEY"),
        ("foley to gravity", "foley"),
        ("Wilson's disease, stable", "Wilson"),
        ("has Crohn's, on Humira", "Crohn"),
        ("h/o Addison's and HTN", "Addison"),
        ("Parkinson's.", "Parkinson"),
        ("Babinski down-going", "Babinski"),
        ("s/p Swan-Ganz", "Ganz"),
        ("Stevens-Johnson after Bactrim", "Johnson"),
        ("Edinburgh score 9", "Edinburgh"),
        ("Ann Arbor stage II", "Ann Arbor"),
        ("Charcot\N{RIGHT SINGLE QUOTATION MARK}s foot", "Charcot"),
    ],
)
def test_it_is_a_word_of_medicine(text: str, name: str) -> None:
    """By what stands behind it, by its possessive at the end of a phrase, or wherever it stands."""
    assert meant(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mr. Parkinson's disease has progressed", "Parkinson"),
        ("Dr. Babinski called", "Babinski"),
        ("Foley called about his bill", "Foley"),
        ("Wilson's daughter will drive", "Wilson"),
        ("Foley-Smith catheter teaching", "Foley"),
        ("moved to Edinburgh in May", "Edinburgh"),
        ("Ann Arbor, MI", "Ann Arbor"),
    ],
)
def test_it_is_a_name(text: str, name: str) -> None:
    """Behind a title, and wherever nothing says that medicine is meant."""
    assert not meant(text, name)


def test_the_engine_keeps_the_device_and_takes_the_patient() -> None:
    """Also where both have the same name."""
    text = "Mr. James Foley came in. Foley catheter draining. Foley was asleep."
    found = [(span.start, text[span.start : span.end]) for span in TextEngine().spans(text)]
    assert found == [(4, "James Foley"), (text.rindex("Foley"), "Foley")]
