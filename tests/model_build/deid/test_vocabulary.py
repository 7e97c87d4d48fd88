"""Words and word lists that the recogniser knows."""

from model_build.deid import lexicons
from model_build.deid.examples import PARTS, Example
from model_build.deid.vocabulary import CLINICAL, COMMON, FIRST_NAME, GENERAL, LAST_NAME, lists, vocabulary
from services.gateway.deidentify import Span


def test_words_of_identifiers_are_not_in_the_vocabulary() -> None:
    examples = [Example("Seen Ana", (Span(5, 8, "PERSON"),))] * 5
    assert "seen" in vocabulary(examples, [], 10)
    assert "ana" not in vocabulary(examples, [], 10)


def test_words_know_their_lists_and_names_of_both_parts_are_in_them() -> None:
    """A list of names is no text: what is served knows all of them."""
    found = lists(["the rose was red"] * 40)
    assert found["metoprolol"] & CLINICAL
    assert found["judkins"] & CLINICAL
    assert found["the"] // GENERAL % 4 == 3
    for part in PARTS:
        first = {name.lower() for name in lexicons.first_names(part) if name.isascii() and name.isalpha()}
        assert all(found[name] & FIRST_NAME for name in first if len(name) > 1)
        last = {name.lower() for name in lexicons.last_names(part) if name.isascii() and name.isalpha()}
        assert all(found[name] & LAST_NAME for name in last if len(name) > 1)


def test_words_of_the_dictionary_are_known_as_words() -> None:
    found = lists([])
    assert found["bottle"] & COMMON == GENERAL
