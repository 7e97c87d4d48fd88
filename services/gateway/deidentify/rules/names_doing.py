"""Names that what follows them tells: "Kelly handed over", "Marsh's daughter", "<provider>Sato</provider>"; and the patients
of a list of rooms: "rm 12 Ocasio, vent; rm 14 Short, tele". A word is a name by the recogniser's lists.
"""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.months import MONTHS
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS, KEPT_PLACES, word_lists

_WORD = r"[A-Z][a-z]+(?:['-][A-Z][a-z]+)?"
_VERBS = (
    "says|said|states|stated|reports|reported|denies|denied|prefers|preferred|called|asked|asks|agrees|agreed|wants|wanted|hopes"
    "|thinks|believes|feels|felt|lives|lived|works|drove|brought|came|left|went|took|gave|helped|manages|relieved|handed"
    "|translates|translated|picked|cried|smiled|visited|arrived|refuses|refused|declines|declined|consents|consented|wishes"
    "|was born|was seen|was discharged|was admitted|was tearful|was late|is aware|is upset|is a nurse|has been|does not"
    "|did not|will need|returned my|listens|is wonderful|is amazing|is the best|is awesome|needs a"
)
_VERB_WORDS = frozenset(phrase.split()[0] for phrase in _VERBS.split("|"))
_DOING = re.compile(rf"(?:\A|[.;:!?\n-][ ]{{0,2}}|[\"'(])(?P<id>{_WORD})[ ](?:{_VERBS})(?![a-z])")
_KIN = "mother|father|mom|dad|son|daughter|wife|husband|spouse|sister|brother|parents?|family|aunt|uncle|niece|nephew|cousin"
_OF_KIN = re.compile(
    rf"(?<![\w'-])(?P<id>{_WORD})'s[ ](?:{_KIN}|grand(?:mother|father|son|daughter)|girlfriend|boyfriend)(?![a-z])"
)
_ROOM = re.compile(
    rf"(?<![\w-])(?:rm|room|bed|bay|hall|pod|chair|RM|ROOM|BED|BAY|Rm|Room|Bed|Bay|Hall|Pod|Chair)[ ]?"
    rf"(?:\d{{1,4}}[A-Za-z]?(?:-\d)?|[A-Z])[ ]?[:-]?[ ](?P<id>{_WORD}|[A-Z]{{3,}})(?=[ ,.:;(\n]|\Z)"
)
_ROOMS = frozenset(listed("rm room bed bay hall pod chair"))
_TAG = re.compile(
    r"<(?P<tag>\w*(?:name|patient|provider|physician|doctor|nurse|author|performer|given|family|contact|guardian)\w*)>"
    r"(?P<id>[^<>\d\n]{2,40})</(?P=tag)>",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"(?<![A-Za-z])(?:MI|Middle Initial|M\.I\.)[ ]?:[ ]{1,3}(?P<id>[A-MO-XZ])(?![\w'/-])")
_NO_PATIENT = frozenset(
    listed(
        "clean empty open dirty blocked ready closed vacant held hold free full boarding pending available low high down locked"
    )
)
_NEVER = CLINICAL_WORDS | COMMON_WORDS | MONTHS.keys() | KEPT_PLACES


class NamesDoing:
    """Holds the lists of words."""

    def __init__(self) -> None:
        self._lists = word_lists()

    def __call__(self, view: View) -> Iterator[Candidate]:
        """Words that the lists of names have, where what is around them is said of persons."""
        text, words = view.text, view.vocabulary
        if not _VERB_WORDS.isdisjoint(words):
            yield from self._named(_DOING, text)
        if "'s" in text:
            yield from self._named(_OF_KIN, text)
        if not _ROOMS.isdisjoint(words):
            yield from self._in_rooms(text)
        if "</" in text:
            yield from map(_person, _TAG.finditer(text))
        if "mi" in words or "initial" in words:
            yield from map(_person, _INITIAL.finditer(text))

    def _named(self, pattern: re.Pattern[str], text: str) -> Iterator[Candidate]:
        for match in pattern.finditer(text):
            word = match["id"].lower()
            if self._is_name(word) or self._is_given(word):
                yield _person(match)

    def _in_rooms(self, text: str) -> Iterator[Candidate]:
        """Where there are two rooms or more, any surname that is no state of a room is a patient."""
        rooms = [match for match in _ROOM.finditer(text) if match["id"].lower() not in _NEVER]
        for match in rooms:
            word = match["id"].lower()
            listed_name = len(rooms) > 1 and word not in self._lists.no_names and word not in _NO_PATIENT
            if self._is_name(word) or listed_name:
                yield _person(match)

    def _is_name(self, word: str) -> bool:
        return word not in _NEVER and any(part in self._lists.names for part in re.split("['-]", word))

    def _is_given(self, word: str) -> bool:
        """Whether it is a frequent first name that is a word as well: "Grace denies", "Mark called"."""
        return word in self._lists.given and word in self._lists.frequent


def _person(match: re.Match[str]) -> Candidate:
    return Candidate(*match.span("id"), "PERSON", Certainty.LEARNT)
