"""Dates with the month in letters: March 3rd, 2021; 12MAR2021; the 4th of July; Mar '21; march ninth nineteen sixty two."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.months import CERTAIN, MONTHS
from services.gateway.deidentify.rules.weekdays import with_weekday
from services.gateway.deidentify.view import View

_FULL_YEAR = r"(?:18|19|20)\d\d"
_DD = r"(?:3[01]|[12]\d|0?[1-9])"
_TH = r"(?:[ ]?(?:st|nd|rd|th)(?![a-z]))?"
_MONTH_DAY = re.compile(
    r"(?!\.?[ ]?\n[ ]?\d{1,2}[.):]|\.[ ]?\n)"  # the next item of a list
    rf"\.?(?P<sep>[ \n]?-[ \n]?|[/.][ \n]?|[ \t\n]{{1,2}}(?:the[ \n])?|,[ \n]|)(?P<day>{_DD}){_TH}(?!\d|:\d|[/.]\d)"
    rf"(?:[ \n]?(?:-|to|through|thru|and|&)[ \n]?(?:the[ \n])?{_DD}{_TH}(?![\d/]|[:.]\d))?"
    rf"(?:,?[ \t\n]{{0,2}}{_FULL_YEAR}(?!\d)|,[ \n]?'\d\d(?!\d)|[ \n]'\d\d(?!\d)|[-/.]\d\d(?:\d\d)?(?!\d))?" + r"(?!\w)"
)
_MONTH_YEAR = re.compile(
    r"\.?(?:[ \n](?:of[ \n])?|,?[ \n](?:of[ \n])?|[-/][ \n]?|)(?:(?:18|19|20)\d\d|'\d\d)(?![\d%]|[ \n]?(?:mg|ml))"
)
_MONTH_SHORT_YEAR = re.compile(r"[-/]\d\d(?!\w|[-/.]\d)")
_UNITS = listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth "
    "twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh "
    "twenty-eighth twenty-ninth thirty-first one two three four five six seven eight nine ten eleven "
    "twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty twenty-one "
    "twenty-two twenty-three twenty-four twenty-five twenty-six twenty-seven twenty-eight twenty-nine "
    "thirty thirty-one"
)
_SPOKEN_DAY = "(?:" + "|".join(each.replace("-", "[- ]") for each in sorted(_UNITS, key=len, reverse=True)) + ")"
_TENS = (
    r"(?:ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:oh|o)[ -][a-z]{3,5}|(?:twenty"
    r"|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six"
    r"|seven|eight|nine))?)"
)
_SPOKEN_YEAR = (
    rf"(?:(?:nineteen|twenty)[ -](?:hundred(?:[ \n](?:and[ \n])?[a-z]+)?|{_TENS})|two[ \n]thousand(?:[ "
    rf"\n](?:and[ \n])?(?:{_TENS}|one|two|three|four|five|six|seven|eight|nine))?)"
)
_MONTH_SPOKEN = re.compile(
    rf"[ \n](?:the[ \n])?{_SPOKEN_DAY}(?![a-z])(?:,?[ \n](?:{_SPOKEN_YEAR}|{_FULL_YEAR})(?!\w))?"
)
_MONTH_SPOKEN_YEAR = re.compile(rf"[ \n](?:of[ \n])?{_SPOKEN_YEAR}(?![a-z])")
_BEFORE_MONTH = re.compile(
    rf"(?<![\w$/.])(?<!\d:)(?:{_DD}{_TH}[ \n]?(?:-|to|through|thru|and|&|,)[ \n]?(?:the[ "
    rf"\n])?)?{_DD}{_TH}(?:[ \t\n]{{0,2}}(?:of[ \n]|day[ \n]of[ \n])?|[-/.][ \n]?)\Z"
)
_AFTER_DAY = re.compile(
    rf"\.?(?:[-/., ]{{0,2}}{_FULL_YEAR}(?!\d)|[ \n]?'\d\d(?!\d)|[-/., ]\d\d(?![\d%:/-]|\.\d|[ \n]?(?:mg"
    rf"|ml|y|f|m|w|hours|days|units|am|pm)(?![a-z]))|\d\d(?!\w))?(?![a-z0-9])"
)
_SPOKEN_BEFORE = re.compile(
    r"(?<![a-z])(?:the[ \n])?(?:(?:twe?en?ty|thirty)[- \n])?(?!month|north|south|most"
    r"|rest)[a-z]{4,13}(?<=st|nd|rd|th)[ \n](?:day[ \n])?of[ \n]\Z"
)
_SPOKEN_AFTER = re.compile(rf",?[ \n](?:{_SPOKEN_YEAR}|{_FULL_YEAR})(?!\w)")
_AMOUNT = re.compile(
    r"[ \n]?(?:mg|mcg|ml|mm|cm|units?|years?|yrs?|hours?|hrs?|weeks?|days?|people|patients|tabs?"
    r"|tablets?|times|percent|%|of|minutes?|months?|more|or|pounds|lbs?|points?|am|pm|a\.m|p\.m|miles?"
    r"|blocks?|steps?|feet|laps?)(?![a-z])"
)
_TELLS = re.compile(
    r"(?<![a-z])(?:in|on|since|last|next|early|late|mid|until|till|of|this|by|from|during|through|thru"
    r"|every|before|after|end of|beginning of|around|starting|between)[ -]{1,2}\Z"
)
_ALSO_NAMES = frozenset(("april", "june", "august", "july"))


def named_dates(view: View) -> Iterator[Candidate]:
    """Dates with a month in letters, misspelt or not; a month alone where it can't be another word."""
    lower = view.lower
    for word, place in view.words:
        if word in MONTHS and (found := _around(view, place, place + len(word), word)):
            start, end, certainty = found
            if any(map(str.isdigit, lower[start:end])):
                start = with_weekday(lower, start)
            yield Candidate(start, end, "DATE", certainty)


def _around(view: View, start: int, end: int, month: str) -> tuple[int, int, Certainty] | None:
    """The date that the month at start..end is part of."""
    lower = view.lower
    capital = view.text[start].isupper()
    if before := _BEFORE_MONTH.search(lower, max(0, start - 18), start):
        after = _AFTER_DAY.match(lower, end)
        with_year = after is not None and after[0][-1:].isdigit()
        if not with_year and month in ("may", "march", "mar") and before[0].endswith(". "):
            return None  # "AUDIT-C 2. May increase"
        if with_year or capital or month in CERTAIN or month not in ("may", "march", "mar"):
            return before.start(), after.end() if with_year and after else end, Certainty.FORMED
    if before := _SPOKEN_BEFORE.search(lower, max(0, start - 32), start):
        after = _SPOKEN_AFTER.match(lower, end)
        return before.start(), after.end() if after else end, Certainty.FORMED
    if (after := _MONTH_DAY.match(lower, end)) and not _AMOUNT.match(lower, after.end()):
        return start, after.end(), Certainty.FORMED
    for pattern in (_MONTH_YEAR, _MONTH_SPOKEN, _MONTH_SPOKEN_YEAR):
        if (after := pattern.match(lower, end)) and not _AMOUNT.match(lower, after.end()):
            return start, after.end(), Certainty.FORMED
    if (after := _MONTH_SHORT_YEAR.match(lower, end)) and month not in ("may", "march"):
        return start, after.end(), Certainty.FORMED
    if month in CERTAIN:
        return start, end, Certainty.FORMED
    told = _TELLS.search(lower, max(0, start - 16), start)
    if month in _ALSO_NAMES:
        return start, end, Certainty.FORMED if told else Certainty.GUESSED
    if (
        told
        and (month in ("may", "march") or len(month) <= 4)
        and (capital or told[0].rstrip(" -") in ("in", "since", "last", "next", "mid"))
    ):
        return start, end, Certainty.FORMED
    return None
