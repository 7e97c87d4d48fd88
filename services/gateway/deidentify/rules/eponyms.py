"""Names of persons and places that medicine uses as words: "Foley catheter", "Crohn's", "Babinski", "Edinburgh score"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import EPONYMS

_TITLED = re.compile(r"(?<![a-z])(?:mr|mrs|ms|miss|dr|drs|doctor|prof|nurse|sister|officer|sgt|judge)\.?[ ]\Z")
_AFTER = re.compile(r"(?P<possessive>'s?)?(?P<between>[ -]?)")
_LONGEST = 24
_WORD_BEFORE, _WORD_AFTER = re.compile(r"(?:[^\W\d_]|-)+\Z"), re.compile(r"(?:[^\W\d_]|-)+")
_END_OF_PHRASE = re.compile(
    r"\s*(?:\Z|[,;:.)/\n]|(?:and|or|w/|with|s/p|since|today|noted|flare|dx|diagnosed)(?![a-z]))"
)


@dataclass(frozen=True)
class _Eponym:
    followed_by: tuple[str, ...]
    alone: bool
    possessive: bool


def is_eponym(view: View, start: int, end: int) -> bool:
    """Whether the word at `start`, or two that are joined by a hyphen, is meant as one of medicine. Behind a title none is."""
    text = view.lower
    before, after = (
        _WORD_BEFORE.search(text, max(0, start - _LONGEST), start),
        _WORD_AFTER.match(text, end, end + _LONGEST),
    )
    start, end = before.start() if before else start, after.end() if after else end
    end -= len(text[start:end]) - len(text[start:end].rstrip("-"))
    word = text[start:end].lstrip("-").replace(" ", "_")
    if _TITLED.search(text, max(0, start - 12), start):
        return False
    if (eponym := _eponyms().get(word)) is not None:
        return _is_meant(text, end, eponym)
    first, hyphen, second = word.partition("-")
    joined = _eponyms().get(first)
    return bool(hyphen) and joined is not None and second in joined.followed_by


def _is_meant(text: str, end: int, eponym: _Eponym) -> bool:
    if eponym.alone:
        return True
    after = _AFTER.match(text, end)
    if after is None:  # it matches anywhere
        return False
    if eponym.possessive and after["possessive"] and _END_OF_PHRASE.match(text, after.end("possessive")):
        return True
    return bool(after["between"]) and any(
        text.startswith(each, after.end()) and not text[after.end() + len(each) :][:1].isalpha()
        for each in eponym.followed_by
    )


def may_be_eponym(word: str) -> bool:
    """Whether medicine uses a word, in small letters, in some places."""
    return word in _eponyms()


@cache
def _eponyms() -> dict[str, _Eponym]:
    return dict(_read())


def _read() -> Iterator[tuple[str, _Eponym]]:
    for word, *rest in map(str.split, EPONYMS):
        followed_by = tuple(each.replace("_", " ") for each in rest if each not in ("*", "'s"))
        yield word, _Eponym(followed_by, alone="*" in rest, possessive="'s" in rest)
