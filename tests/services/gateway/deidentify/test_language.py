from pathlib import Path

import pytest

from services.gateway.deidentify.language import EnglishCheck

HERE = Path(__file__).parent
ENGLISH = [
    line.replace("⏎", "\n").replace("⇥", "\t") for line in (HERE / "english.txt").read_text("utf-8").splitlines()
]
OTHER = (HERE / "other_languages.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("text", ENGLISH)
def test_english_passes(english: EnglishCheck, text: str) -> None:
    """Short English passes, with names from anywhere and in clinical shorthand."""
    assert english.passes(text)


@pytest.mark.parametrize("text", OTHER)
def test_another_language_does_not(english: EnglishCheck, text: str) -> None:
    """Sentences in other languages don't pass, nor do names in another script."""
    assert not english.passes(text)
