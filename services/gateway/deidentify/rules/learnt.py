"""What the recogniser found, held against what can be of its type; and every other mention of a name that was found."""

import re
from collections.abc import Iterator, Sequence

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.months import MONTHS, WEEKDAYS
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS, EPONYMS, KEPT_PLACES, STATES

_NEVER_NAMES = CLINICAL_WORDS | COMMON_WORDS
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_LETTERS = re.compile(r"[a-z]+")
_EDGE = ' \t\r\n,;:|"()[]<>*_='
_POSSESSIVE = re.compile(r"'s?\Z")
_FUZZY = frozenset(("PERSON", "LOCATION"))
_CODES = frozenset(
    (
        *("PHONE_NUMBER", "FAX_NUMBER", "US_SSN", "MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_NUMBER", "ACCOUNT_NUMBER"),
        *("LICENSE_NUMBER", "VEHICLE_ID", "DEVICE_ID", "BIOMETRIC_ID", "ID"),
    )
)
_OLD = re.compile(r"(?:9\d|1[0-2]\d)(?:st|nd|rd|th|'?s)?|.*(?:ninet|ninty|hundred|nonagen|centen).*", re.DOTALL)
_TIMES = re.compile(
    r"(?:[01]\d|2[0-3]):?[0-5]\d(?:-(?:[01]\d|2[0-3]):?[0-5]\d)?|\d{1,3}(?:\.\d+)?(?:[-/]\d{1,3}(?:\.\d+)?)?"
)
_DAY = re.compile(r"\d+[/.-]\d+|\d(?:st|nd|rd|th)|(?:19|20)\d\d[01]\d[0-3]\d")
_WHO = re.compile(r"(?<![a-z])(?:it|i|you|he|she|we|they|that|which|who|this|patient|pt)[ ]\Z")
_DAY_WORDS = frozenset(
    listed(
        "mon tue tues wed weds thu thur thurs fri sat sun day eve easter christmas xmas thanksgiving "
        "halloween ramadan diwali passover hanukkah juneteenth kwanzaa lent spring summer fall autumn "
        "winter first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
    )
)


def learnt(view: View, recognized: Sequence[Candidate], ruled: Sequence[Candidate]) -> Iterator[Candidate]:
    """The recogniser's finds that can be what it says, of whole words; and repeated names."""
    persons = [each for each in ruled if each.type == "PERSON" and each.certainty == Certainty.LEARNT]
    for each in recognized:
        if (whole := _whole(view.text, each)) is not None and _possible(view, whole):
            yield whole
            if whole.type == "PERSON":
                persons.append(whole)
    if persons:
        yield from _repeated(view.text, persons)


def _whole(text: str, candidate: Candidate) -> Candidate | None:
    """From the beginning of its first word to the end of its last one, without signs at the edges."""
    start, end = candidate.start, candidate.end
    while start < end and text[start] in _EDGE + "-./'":
        start += 1
    while end > start and text[end - 1] in _EDGE + "-/":
        end -= 1
    if start == end:
        return None
    inner = "-_/" if candidate.type in _CODES else ""
    while start and _goes_on(text, start - 1, -1, inner):
        start -= 1
    while end < len(text) and _goes_on(text, end, 1, inner):
        end += 1
    if candidate.type in _FUZZY and (found := _POSSESSIVE.search(text, start, end)):
        end = found.start()
    return candidate._replace(start=start, end=end) if start < end else None


def _goes_on(text: str, place: int, step: int, inner: str) -> bool:
    """Whether the character at `place` belongs to the word beside it: a letter or digit, or a sign before one."""
    return text[place].isalnum() or (text[place] in inner and text[place + step : place + step + 1].isalnum())


def _possible(view: View, candidate: Candidate) -> bool:
    """Whether the text of a candidate can be of its type."""
    value = view.lower[candidate.start : candidate.end]
    kind = candidate.type
    if kind == "PERSON":
        return value not in _NEVER_NAMES and any(map(str.isalpha, value))
    if kind == "LOCATION":
        return value not in KEPT_PLACES and view.text[candidate.start : candidate.end] not in STATES and len(value) > 1
    if kind == "DATE":
        words = _LETTERS.findall(value)
        if words == ["may"] and _WHO.search(view.lower, max(0, candidate.start - 12), candidate.start):
            return False
        return _DAY.search(value) is not None or any(
            word in MONTHS or word in WEEKDAYS or word in _DAY_WORDS for word in words
        )
    if kind == "AGE":
        return _OLD.fullmatch(value) is not None
    if kind == "ZIP_CODE":
        return re.fullmatch(r"\d{5}(?:[ -]{0,3}\d{4})?", value) is not None
    if kind in _CODES:
        return sum(map(str.isdigit, value)) > 2 and _TIMES.fullmatch(value) is None
    return any(sign in value for sign in ".@:") and len(value) > 5  # addresses of the internet


def _repeated(text: str, persons: Sequence[Candidate]) -> Iterator[Candidate]:
    """Every other place where a word of a found name stands capitalised: "Jones" after "Mary Jones"."""
    words = {word[0] for each in persons for word in _WORD.finditer(text, each.start, each.end)}
    words = {word for word in words if len(word) > 2 and word[0].isupper() and word.lower() not in _NEVER_REPEATED}
    for word in words:
        start = text.find(word)
        while start >= 0:
            end = start + len(word)
            if not (start and text[start - 1].isalpha()) and not text[end : end + 1].isalpha():
                yield Candidate(start, end, "PERSON", Certainty.GUESSED)
            start = text.find(word, end)


_NEVER_REPEATED = _NEVER_NAMES | EPONYMS
