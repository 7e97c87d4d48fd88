"""What the recogniser found, held against what can be of its type; and every other mention of a name that was found."""

import re
from collections.abc import Iterator, Sequence

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.eponyms import is_eponym, may_be_eponym
from services.gateway.deidentify.rules.months import MONTHS, WEEKDAYS
from services.gateway.deidentify.rules.possible import CODES, NEVER_NAMES, possible
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import STATES, word_lists

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_CAPITAL = re.compile("[A-Z]")
_EDGE = ' \t\r\n,;:|"()[]<>*_='
_POSSESSIVE = re.compile(r"'s?\Z")
_FUZZY = frozenset(("PERSON", "LOCATION"))
_NEXT = re.compile(r" (?:(?:&|of) )?([A-Z][a-z]{2,}|[A-Z]{2,4})(?![\w'\N{RIGHT SINGLE QUOTATION MARK}])")
_DOES = re.compile(
    r"[ ](?:(?:said|says|stated?s?|reports|reported|denies|denied|called|calls|wants|wanted|asked|asks|agrees|agreed|lives|lived"
    r"|feels|felt|refused|refuses|understands|walked|ate|slept|came|went|died|told|met|spoke|wrote|ordered|recommends|recommended)(?![a-z])"
    r"|(?:is|was)[ ](?:an?|the|asleep|awake|alert|seen|admitted|discharged|here|oriented|comfortable|able|unable|\d+)(?![a-z]))"
)
_MOST_WORDS = 3
_NOT_OF_A_PLACE = (
    MONTHS.keys()
    | WEEKDAYS
    | {state.lower() for state in STATES}
    | set(
        listed(
            "the patient pt mother father mom dad mr mrs she they his her for with and but not phone fax tel md rn ed er icu or ot"
        )
    )
)


def learnt(view: View, recognized: Sequence[Candidate], ruled: Sequence[Candidate]) -> Iterator[Candidate]:
    """The recogniser's finds that can be what it says, of whole words; and repeated names."""
    persons = [each for each in ruled if each.type == "PERSON" and each.certainty == Certainty.LEARNT]
    for each in recognized:
        if (whole := _whole(view, each)) is not None and possible(view, whole):
            yield whole
            if whole.type == "PERSON":
                persons.append(whole)
    if persons:
        yield from _repeated(view, persons)


def _whole(view: View, candidate: Candidate) -> Candidate | None:
    """From the beginning of its first word to the end of its last one, without signs at the edges."""
    text, start, end = view.text, candidate.start, candidate.end
    while start < end and text[start] in _EDGE + "-./'":
        start += 1
    while end > start and text[end - 1] in _EDGE + "-/":
        end -= 1
    if start == end:
        return None
    inner = "-_/" if candidate.type in CODES else ""
    if candidate.type == "PERSON" and not _CAPITAL.search(text, start, end):
        inner = "._"  # the name of a user, or an address without its sign
    if candidate.type == "LOCATION":
        end = _end_of_place(view, start, end)
    if candidate.type == "AGE" and text[start:end].isdigit():
        return candidate._replace(start=start, end=end)  # "94F": the letter is no part of it
    while start and _goes_on(text, start - 1, -1, inner):
        start -= 1
    while end < len(text) and _goes_on(text, end, 1, inner):
        end += 1
    if candidate.type in _FUZZY and (found := _POSSESSIVE.search(text, start, end)):
        end = found.start()
    return candidate._replace(start=start, end=end) if start < end else None


def _end_of_place(view: View, start: int, end: int) -> int:
    """With the capitalised words that go on from it, "Sorrento Cheese", where capitals mean something."""
    text = view.text
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    line = text[first : last if last >= 0 else len(text)]
    if line.isupper() or not (text[start].isupper() or text[start].isdigit()):
        return end
    for _ in range(_MOST_WORDS):
        word = _NEXT.match(text, end)
        if word is None or word[1].lower() in _NOT_OF_A_PLACE:
            break
        end = word.end()
    return end


def _goes_on(text: str, place: int, step: int, inner: str) -> bool:
    """Whether the character at `place` belongs to the word beside it: a letter or digit, or a sign before one."""
    return text[place].isalnum() or (text[place] in inner and text[place + step : place + step + 1].isalnum())


def _repeated(view: View, persons: Sequence[Candidate]) -> Iterator[Candidate]:
    """Every other place where a word of a found name stands: "Jones" after "Mary Jones"; small ones in a text without capitals.

    Not of one that is an everyday or clinical word as well: after "Mark Lung" neither "lung" nor "mark" is anybody. Of one that
    medicine has borrowed, where it does what only persons do: "Foley was asleep".
    """
    text, plain_words = view.text, word_lists().plain
    small = text == view.lower
    words = {word[0] for each in persons for word in _WORD.finditer(text, each.start, each.end)}
    for word in words:
        plain = word.lower()
        borrowed = may_be_eponym(plain)
        if len(word) < 3 or ((plain in NEVER_NAMES or plain in plain_words) and not borrowed):
            continue
        if not (word[0].isupper() or (small and plain in word_lists().names)):
            continue
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            whole = not (start and text[start - 1].isalpha()) and not text[end : end + 1].isalpha()
            if whole and (not borrowed or (_DOES.match(view.lower, end) and not is_eponym(view, start, end))):
                yield Candidate(start, end, "PERSON", Certainty.GUESSED)
            start = text.find(word, end)
