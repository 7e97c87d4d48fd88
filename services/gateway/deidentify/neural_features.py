"""What the recogniser sees of a text: tokens with their offsets, and a fixed number of feature ids for each.

A token is a run of letters, a run of digits, a run of line breaks, or one other character that is no space. Its features
are the word (if the vocabulary has it), its beginning and endings by hash, its form (capitals, length of a number), the
word lists that it is in, and what stands before it. Training and serving share this module.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

FEATURES = 8
_TOKEN = re.compile(r"[^\W\d_]+|\d+|\n+|[^\w\s]|_")
_AFFIXES = 16_384
_HASHES = _AFFIXES - 1
_TWO, _THREE, _FOUR, _FIRST_THREE = map(crc32, (b"-2", b"-3", b"-4", b"+"))
"""What the hashes of the endings of two, three and four letters and of the beginning go on from."""
LISTS_FEATURE = 5
"""Which of the features says the lists that a word is in."""
NAMES = 1 | 2 | 4 | 64 | 128
"""Bits of the lists of names of persons, places and establishments."""
_FORMS = 64
_FIRST, _NONE, _SPACE, _WIDE, _AFTER_BREAK = range(5)
_BETWEEN = -1
_GAPS = 5 * 3
_UNKNOWN_WORD = 0
_NO_AFFIX = 0
_LONGEST_NUMBER = 13
_OF_A_TOKEN, _OF_A_GAP = Struct(f"={FEATURES - 1}i"), Struct("=i")


@dataclass(frozen=True)
class Tokens:
    """Where each token starts and ends in the text, and its features: int32 [tokens, FEATURES]."""

    starts: list[int]
    ends: list[int]
    features: NDArray[np.int32]


class Featurizer:
    """Turns texts into features. Words of a text are never kept: it may be shared by threads.

    The table of embeddings has its rows in this order: unknown word and vocabulary, affixes, lists, forms, gaps.
    """

    def __init__(self, vocabulary: Iterable[str], lists: Mapping[str, int]) -> None:
        """`vocabulary` in the order of its rows; `lists` has the word lists, as bits, that each known word is in."""
        ids = {word: row for row, word in enumerate(vocabulary, start=1)}
        self._affix_row = len(ids) + 1
        self._list_row = self._affix_row + _AFFIXES
        self._form_row = self._list_row + (1 << max(lists.values(), default=0).bit_length())
        self._gap_row = self._form_row + _FORMS
        self.rows = self._gap_row + _GAPS
        self._ids = ids
        self._lists = lists
        self._known = {
            token: self._token_features(token) for word in ids for token in (word, word.capitalize(), word.upper())
        } | {token: self._token_features(token) for token in map(str, (*range(200), *range(1900, 2040)))}
        self._gaps = [_OF_A_GAP.pack(self._gap_row + each) for each in range(_GAPS)]

    @property
    def affix_rows(self) -> range:
        """The rows of affixes, for training to leave some out."""
        return range(self._affix_row, self._list_row)

    @property
    def list_row(self) -> int:
        """The row of a word that is in no list."""
        return self._list_row

    def __call__(self, text: str) -> Tokens:
        """The tokens of `text`; a text without any has none."""
        starts: list[int] = []
        ends: list[int] = []
        features = bytearray()
        known, gaps = self._known, self._gaps
        gap, end, case = _FIRST, 0, _case(text, 0)
        for match in _TOKEN.finditer(text):
            start, token = match.start(), match[0]
            if gap == _BETWEEN:
                gap = _NONE if start == end else _gap(text, end, start)
            if token[0] == "\n":
                case = _case(text, match.end())
            features += known.get(token) or self._token_features(token)
            features += gaps[gap * 3 + case]
            end = match.end()
            gap = _AFTER_BREAK if token[0] == "\n" else _BETWEEN
            starts.append(start)
            ends.append(end)
        return Tokens(starts, ends, np.frombuffer(features, dtype=np.int32).reshape(-1, FEATURES))

    def _token_features(self, token: str) -> bytes:
        """As they lie in the array: what is known by heart is one piece of memory a token, found cold by most requests."""
        first = token[0]
        if first.isdigit():
            word = token if len(token) < 5 and token.isascii() else f"#{min(len(token), _LONGEST_NUMBER)}"
            form = 10 + min(len(token), _LONGEST_NUMBER) + (_LONGEST_NUMBER + 1 if first == "0" else 0)
        elif first.isalpha():
            word = token.lower()
            form = _form(token)
        else:
            word, form = ("\n" if first == "\n" else token), 9
        return _OF_A_TOKEN.pack(*self._word_features(word), self._form_row + form)

    def _word_features(self, word: str) -> tuple[int, ...]:
        lists = self._lists.get(word)
        row = self._ids.get(word)
        if row is None and lists is None and not word.isascii():
            bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
            row, lists = self._ids.get(bare), self._lists.get(bare)
        base = self._affix_row
        row, listed = _UNKNOWN_WORD if row is None else row, self._list_row + (lists or 0)
        if not word[0].isalpha():
            return row, base, base, base, base, listed
        base += 1
        if word.isascii():
            letters = word.encode()
            two, three, four, first = letters[-2:], letters[-3:], letters[-4:], letters[:3]
        else:
            two, three, four, first = map(_bytes, (word[-2:], word[-3:], word[-4:], word[:3]))
        return (
            row,
            base + crc32(two, _TWO) % _HASHES,
            base + crc32(three, _THREE) % _HASHES,
            base + crc32(four, _FOUR) % _HASHES,
            base + crc32(first, _FIRST_THREE) % _HASHES,
            listed,
        )


def _bytes(letters: str) -> bytes:
    return letters.encode("utf-8", "surrogatepass")


def _form(word: str) -> int:
    """0 none, else how capitals are used; one letter and two letters are forms of their own."""
    length = min(len(word), 3)
    if word.islower():
        return 1 if length == 1 else 2
    if word.isupper():
        return 2 + length
    return 6 if word.istitle() else 7


def _gap(text: str, end: int, start: int) -> int:
    """What two tokens have between them, when they have anything."""
    return _SPACE if start == end + 1 and text[end] == " " else _WIDE


def _case(text: str, start: int) -> int:
    """How the line from `start` is written: 0 with both, 1 without capitals, 2 without small letters."""
    end = text.find("\n", start)
    line = text[start : end if end >= 0 else len(text)]
    return 1 if line.islower() else 2 if line.isupper() else 0
