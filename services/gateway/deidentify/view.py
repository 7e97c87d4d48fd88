"""The view of a text that is searched: what looks the same is the same there, and every character knows its place in the input.

Full-width and other digits become ASCII, dashes `-`, spaces a blank; accents fall (José, Jose); invisible characters, soft
hyphens and blanks after a blank disappear; Cyrillic and Greek letters that stand among Latin ones become the Latin letters
that they imitate. So an identifier can't be smuggled past the rules by spelling it with other code points.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from services.gateway.deidentify.vocabulary import characters

# Unicode's own decompositions don't cover these.
_FOLDED = characters("folded.txt")
_LOOK_ALIKES = characters("look_alikes.txt")
_WORD = re.compile("[a-z]+")
_NUMBER = re.compile("[0-9]+")
_MIXED = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, repr=False)
class View:
    """`text` is searched; `lower` has the same length. Without `starts` it is the input, character by character."""

    text: str
    lower: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    @cached_property
    def words(self) -> list[tuple[str, int]]:
        """The words in lower case with their starts; digits and signs end a word."""
        return [(match[0], match.start()) for match in _WORD.finditer(self.lower)]

    @cached_property
    def numbers(self) -> list[tuple[str, int]]:
        """The runs of digits with their starts."""
        return [(match[0], match.start()) for match in _NUMBER.finditer(self.lower)]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words in lower case."""
        return frozenset(word for word, _ in self.words)

    def to_input(self, start: int, end: int) -> tuple[int, int]:
        """Characters of the input for characters of the view; 0 <= start < end <= len(text)."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def view(text: str) -> View:
    """The view of `text`; in plain ASCII it is the text itself."""
    if text.isascii():
        return _with_single_blanks(View(text, text.lower()))
    folded = [fold(each) for each in text]
    shown = _without_imitations("".join(folded))
    if all(len(each) == 1 for each in folded):
        return _with_single_blanks(View(shown, _lower(shown)))
    starts = tuple(place for place, each in enumerate(folded) for _ in each)
    ends: list[int] = []
    for place, each in enumerate(folded):
        if each:
            ends += [place + 1] * len(each)
        elif ends and unicodedata.category(text[place]).startswith("M"):
            ends[-1] = place + 1  # an accent of its own belongs to the letter before
    return _with_single_blanks(View(shown, _lower(shown), starts, tuple(ends)))


def _with_single_blanks(shown: View) -> View:
    """Without the blanks that follow a blank: a pattern then needs to reckon with one."""
    if "  " not in shown.text:
        return shown
    places = [
        place for place, each in enumerate(shown.text) if each != " " or not place or shown.text[place - 1] != " "
    ]
    text = "".join([shown.text[place] for place in places])
    starts = tuple(shown.starts[place] if shown.starts else place for place in places)
    ends = tuple(shown.ends[place] if shown.ends else place + 1 for place in places)
    return View(text, _lower(text), starts, ends)


@lru_cache(maxsize=4096)
def fold(character: str) -> str:
    """What stands for one character in the view; nothing for an invisible one."""
    if character.isascii():
        return character
    if character in _FOLDED:
        return _FOLDED[character]
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cs"):
        return "\ufffd" if category == "Cs" else ""
    if category in ("Zl", "Zp") or character == "\x85":
        return "\n"
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd":
        return "-"
    plain = unicodedata.normalize("NFKD", character)
    kept = "".join(_FOLDED.get(each, each) for each in plain if unicodedata.category(each) not in ("Mn", "Cf"))
    return kept or character


def _without_imitations(text: str) -> str:
    """Letters of other alphabets inside of a word with Latin letters, as the Latin letters that they look like."""
    return _MIXED.sub(lambda word: _latin_word(word[0]), text)


def _latin_word(word: str) -> str:
    if word.isascii() or not re.search("[A-Za-z]", word):
        return word
    return "".join(_LOOK_ALIKES.get(letter, letter) for letter in word)


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(each.lower()[0] for each in text)
