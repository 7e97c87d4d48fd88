"""Days of the week: those that belong to the date that follows them, and those of one or two letters."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|weds|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_BEFORE = re.compile(rf"(?<![a-z0-9])(?P<day>{WEEKDAY})\.?,?[ \t](?:the[ ])?\Z")


def with_weekday(lower: str, start: int) -> int:
    """Where a date at `start` begins when the day of the week before it is part of it."""
    match = _BEFORE.search(lower, max(0, start - 16), start)
    return match.start() if match else start


_SHORT = frozenset(("tu", "th", "fr", "sa", "su", "mo"))
_SHORT_DAY = r"(?:Mo|M|Tu|T|We|W|Th|Fr|F|Sa|Su)"
_ROW = re.compile(rf"(?<![\w/.-]){_SHORT_DAY}(?:[/-]{_SHORT_DAY})+(?![\w/-])")
_APART = re.compile(r"(?<![\w/.-])(?:(?:Mo|Tu|Th|Fr|Sa|Su)(?![\w'-])|We(?=[ ]\d))")
_LEAST = 3


def short_weekdays(view: View) -> Iterator[Candidate]:
    """ "M/W/F", "Tu-Th"; and "Mo 5 h; Tu 4 h; Th 6 h", where three different ones make sure of it. "M/F" and "W/F" are sexes."""
    words = view.vocabulary
    if "w" in words or not _SHORT.isdisjoint(words):
        for row in _ROW.finditer(view.text):
            days = re.split("[/-]", row[0])
            if len(set(days)) == len(days) and (len(days) > 2 or any(len(day) > 1 for day in days)):
                yield Candidate(*row.span(), "DATE", Certainty.FORMED)
    if len(_SHORT & words) >= _LEAST:
        found = list(_APART.finditer(view.text))
        if len({day[0] for day in found} - {"We"}) >= _LEAST:
            for day in found:
                yield Candidate(*day.span(), "DATE", Certainty.FORMED)
