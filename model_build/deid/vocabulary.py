"""What the recogniser knows of words: a vocabulary of words that are no names, and the lists that a word is in."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from model_build.deid import lexicons
from model_build.deid.examples import PARTS, Example
from services.gateway.deidentify.neural_features import NAMES

FIRST_NAME, LAST_NAME, PLACE, GENERAL, CLINICAL, FREQUENT_NAME, ESTABLISHMENT = 1, 2, 4, 8, 32, 64, 128
"""Bits of a word's lists. GENERAL takes two: how frequent the word is in everyday sentences."""
assert FIRST_NAME | LAST_NAME | PLACE | FREQUENT_NAME | ESTABLISHMENT == NAMES
COMMON = 3 * GENERAL

_WORD = re.compile(r"[^\W\d_]+|\d+|\n|[^\w\s]|_")
_ORDINARY = re.compile(r"(?<![@#\w/.])[^\W\d_]+(?![\w@])")
"""Words, but not the names of accounts and of sites."""
_CLINICAL_LISTS = (
    "drugs",
    "eponyms",
    "signs",
    "symptoms",
    "diagnoses",
    "procedures",
    "specialties",
    "abbreviations",
    "firms",
    "eponym_heads",
    "eponym_names",
    "drug_brands",
    "devices",
    "organisations",
    "title_lines",
    "short_words",
    "headings",
    "brands",
    "clinical_words",
    "clinical_namesakes",
)
_ESTABLISHMENTS = ("employers", "landmarks")


def vocabulary(examples: Iterable[Example], sentences: Iterable[str], size: int) -> Sequence[str]:
    """The `size` most frequent words outside of identifiers, in a fixed order."""
    counts: Counter[str] = Counter()
    for example in examples:
        position = 0
        for span in example.spans:
            counts.update(_words(example.text[position : span.start]))
            position = span.end
        counts.update(_words(example.text[position:]))
    for sentence in sentences:
        counts.update(word for word in _words(sentence))
    kept = [word for word, count in counts.most_common(size) if count > 2]
    return sorted({*kept, *(f"#{length}" for length in range(5, 14))})


def lists(sentences: Iterable[str]) -> Mapping[str, int]:
    """Every known word with its lists. Names and places are those of both parts: a list of names is no text."""
    found: dict[str, int] = {}
    for part in PARTS:
        for bit, values in (
            (FIRST_NAME, lexicons.first_names(part)),
            (LAST_NAME, lexicons.last_names(part)),
            (FREQUENT_NAME, (*lexicons.frequent_first_names(part), *lexicons.frequent_last_names(part))),
            (PLACE, [place.city for place in lexicons.places(part)]),
            (PLACE, lexicons.counties(part)),
            (PLACE, lexicons.foreign_cities(part)),
        ):
            _add(found, bit, values)
    for name in _ESTABLISHMENTS:
        _add(found, ESTABLISHMENT, lexicons.words(name))
    for name in _CLINICAL_LISTS:
        _add(found, CLINICAL, lexicons.words(name))
    _add(found, CLINICAL, lexicons.conditions())
    _add(found, CLINICAL, lexicons.titles())
    counts = Counter(word for sentence in sentences for word in _ORDINARY.findall(sentence) if word.islower())
    for word, count in counts.items():
        frequency = 3 if count >= 30 else 2 if count >= 5 else 1
        found[word] = found.get(word, 0) | frequency * GENERAL
    for word in lexicons.dictionary():
        if not found.get(word, 0) & COMMON:
            found[word] = found.get(word, 0) | GENERAL
    for word, found_in in found.items():
        if found_in & COMMON == COMMON:  # "the", "first": part of many a name, and telling of none
            found[word] = found_in & ~ESTABLISHMENT
    return found


def _add(found: dict[str, int], bit: int, values: Iterable[str]) -> None:
    for value in values:
        for word in re.findall(r"[^\W\d_]{2,}", lexicons.plain(value).lower()):
            found[word] = found.get(word, 0) | bit


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text) if not word.isdigit() or len(word) < 5]
