"""Dates in figures: 3/4/21, 12.05.1941, 2021-03-12T14:22, 3/4 and ranges of them, dates of birth in any grouping."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.weekdays import WEEKDAY, with_weekday
from services.gateway.deidentify.view import View

_YEAR = r"(?:(?:18|19|20)\d\d|'?\d\d)"
_FULL_YEAR = r"(?:18|19|20)\d\d"
_MM, _DD = r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_TH = r"(?:[ ]?(?:st|nd|rd|th)(?![a-z]))?"
_CLOCK = r"(?:t\d\d:?\d\d(?::?\d\d(?:\.\d{1,9})?)?(?:z|[+-]\d\d:?\d\d)?)?"
_END = r"(?![\d%]|[-/.]\d|[ ]?(?:mg|mcg|ml|units?)(?![a-z]))"

# In figures, with a year. The same separator twice, blanks around it allowed.
_NUMERIC = re.compile(
    rf"(?:{_MM}(?P<a>[ ]?[-/.][ ]?){_DD}(?P=a){_YEAR}|{_DD}(?P<b>[-/.]){_MM}(?P=b){_YEAR}"
    rf"|{_FULL_YEAR}(?P<c>[-/.]){_MM}(?P=c){_DD}{_CLOCK}"
    rf"|{_FULL_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:t\d{{4,6}}z?)?(?!\w)|{_MM}[-/]{_DD}[./-]{_FULL_YEAR}(?!-\d\d-\d\d)"
    rf"|{_MM}[/-]{_FULL_YEAR}(?!-\d\d)|{_FULL_YEAR}[/-](?:0[1-9]|1[0-2])(?![\d/-]))"
    + r"(?!\d|/\d|\.\d|-\d(?!\d{0,3}[./-]\d))"
)
_PART = re.compile(rf"(?P<month>{_MM})(?P<sep>[/-])(?P<day>{_DD})(?![\d%]|[/.]\d)")
_RANGE_END = re.compile(r"[ ]?(?:-|to|thru|through|until|and|&|,)[ ]?(?=\d{1,4}[/.-]\d{1,2}(?!\d))")
_DATED = re.compile(
    r"(?:(?<![a-z])(?:on|since|until|till|from|dated?|through|thru|before|after|admit(?:ted)?|adm"
    r"|discharged?|dc(?:'?d)?|d/c|seen|scheduled|due|by|as of|week of"
    r"|beginning|began|starting|started|stopped|ending|ended|between|date[a-z ]{0,24}:|dos|dob"
    r"|exp(?:ires|ired)?|expiration|appt|appointment|f/u|follow-?up|(?:last|next|prior|clinic|office"
    r"|er|ed|f/u|new) visit|labs?|cxr|ct|mri|x-?ray|xr|us|ultrasound|echo"
    r"|tte|ekg|ecg|biopsy|bx|surgery|op|procedure|lmp|edd|edc|collected|received|reported|signed"
    r"|returned|came|missed|cancell?ed|no-?showed|met|rtc|visits?|hospital(?:ization)?|delivered|passed|died|deceased|moved"
    r"|arrived|transfer(?:red)?|placed|removed|inserted|drawn|done|performed|given|last"
    r"|good|eff(?:ective)?|hospitalized|visited|fell|fall|fill(?:ed)?|refill(?:ed)?|called|sent"
    r"|resulted|dx'?d|diagnosed|repeat(?:ed)?|study|prior|previous|next|today|yesterday|tomorrow|sched"
    r"|early|late|mid|around|about|circa|ca|approx"
    r"|recheck|next review|board|mtg|meeting|hearing|court|verified|onset|resolved|closed|opened|cleared|hired|leaves|flies"
    rf"|every|the|this|in|{WEEKDAY})(?:[ ]?[.:,#=-])?[ ]{{1,2}}(?:was[ ]|is[ ]|on[ ]|the[ ]|of[ ]|dated[ ]|from[ ]"
    rf"|date:?[ ]|approx[ ]|~[ ]?|\()?|(?<=\n)[ \t]{{0,8}}(?:[-*•][ ])?|[@~])\Z"
)
_AFTER_DATE = re.compile(
    r"[ ]?(?::(?!\d)|-[ ][a-z]|(?:appt|appointment|visit|labs?|note|admission|surgery|scan|mri|ct|cxr"
    r"|echo|culture|dose|at[ ]\d{1,2}:\d\d|@)(?![a-z]))"
)
_SCALES = "moca|mmse|epds|phq|gad|slums"
_NOT_DATED = re.compile(
    r"(?<![a-z])(?:strength|power|motor|pain|scores?|scale|score of|grade|gr|reflex(?:es)?|dtrs?"
    rf"|scored|{_SCALES}|ghent|iop|criteria|read back"
    r"|murmur|sem|pulses?|apgars?|bp|blood pressure|pressure|gcs|nodes?|ln|cores?"
    r"|visual acuity|va"
    r"|vision|acuity|od|os|ou|dilut(?:ed|ion)|titer|ratio|ratios|fraction|vent|bipap|cpap|peep"
    r"|settings|advair|size|french|level|rated|rates?|out of|edema|hd|day|cycle|week|step|stage|sve"
    r"|va sc|tnm|orientation|oriented|muscle|hip|knee|ankle|ue|le|ext|flexion|flexor|visit|session"
    r"|wheal|flare|spt|prick)(?![a-z])"
    r"[a-z0-9 ,:;+\-]{0,14}\Z"
)
_IS_SCORED = re.compile(
    r"(?<![a-z])(?:strength|scores?|scored|grade|apgars?|moca|mmse|phq(?:-?[29])?|gad(?:-?7)?|epds|slums|ghent|gcs|nodes"
    r"|acuity|ratio|out of|criteria(?: met)?|read back)[ :]{1,2}\Z"
)
_SCORE_AFTER = re.compile(rf"[ ]?(?:strength|lymph|nodes?|on (?:the )?(?:{_SCALES})|criteria)(?![a-z])")
"""Beyond doubt, so that they count against the recogniser too."""
_NOT_DATE_AFTER = re.compile(
    r"[ ]?(?:strength|tab(?:let)?s?|cap(?:sule)?s?|dose|pain|points?|mg|ml|m[lg]|cm|mm"
    r"|inch(?:es)?|hours?|days?|cups?|ppd|pack|pk|teaspoons?|tsp|tbsp|murmur|sem|nodes?|cores?"
    rf"|lymph|on (?:the )?(?:pain|scale|{_SCALES})|of|in severity|scale|strong"
    r"|criteria|positive|joints?|bilat|bilaterally|throughout|puffs?|tid|bid|qid|daily|nd|drops?"
    r"|beats?|times|samples?|bottles?|sets?|hip|knee|ue\b|le\b|right|left|l\b|r\b|edema|systolic"
    r"|diastolic|bands?|doses?|questions?|correct|stars?|mile|edges?)(?![a-z])"
)

_BORN = re.compile(
    r"(?<![a-z])(?:d\.?[ ]?o\.?[ ]?b\.?|date[ ]of[ ]birth|birth[ ]?date|birthdate|bday|birthday"
    r"|born(?:[ ]on)?|(?:admit|admission|adm|discharge|visit|service|collection|procedure)[ ]date|date[ ]of"
    r"[ ](?:service|admission|discharge|visit|procedure|surgery)|dos|d\.o\.d\.?|dod|date[ ]of[ ]death)(?![a-z])"
    r"(?:[ \t]?(?:is|was|on)(?![a-z]))?[ \t]{0,8}[:=|-]?\s{0,4}(?P<id>\d{1,4}[ \t]?[-/., ][ "
    r"\t]?\d{1,2}[ \t]?[-/., ][ \t]?\d{2,4}|\d{8}|\d{6})(?![\d-])"
)
_FIRST = frozenset(
    listed(
        "dob d date birth birthdate bday birthday born dod dos admit admission adm discharge visit service "
        "collection procedure exp expires expiration expiry valid good"
    )
)
_EXPIRES = re.compile(
    r"(?<![a-z])(?:exp(?:ires|iration|iry|\.)?|valid[ ]thru|good[ ]thru)(?:[ ]?date)?[ "
    r":]{0,3}(?P<id>(?:0?[1-9]|1[0-2])[/-]\d\d)(?![\d/-])"
)


def numeric_dates(view: View) -> Iterator[Candidate]:
    """Dates in figures; month and day alone where the words around speak for a date."""
    lower = view.lower
    for word, start in view.words:
        if word in _FIRST and (match := _BORN.match(lower, start) or _EXPIRES.match(lower, start)):
            yield Candidate(*match.span("id"), "DATE", Certainty.LABELLED)
    if not any(sign in lower for sign in "/-.") and not _LONG.search(lower):
        return
    end = after_date = 0
    for digits, start in view.numbers:
        if (
            start < end
            or (len(digits) > 2 and len(digits) not in (4, 8, 12, 14))
            or (start and start != after_date and _PART_OF_CODE.search(lower, max(0, start - 2), start))
        ):
            continue
        if match := _NUMERIC.match(lower, start) or _STAMP.match(lower, start):
            end = after_date = match.end()
        elif (match := _COMPACT.match(lower, start)) and _DATED.search(lower, max(0, start - 30), start):
            end = match.end()
        elif (
            lower[start - 1 : start] != "="
            and (match := _PART.match(lower, start))
            and _is_date(lower, match, follows=bool(after_date) and after_date >= start)
        ):
            end = match.end()
            after_date = end
        else:
            continue
        if linked := _RANGE_END.match(lower, end):
            after_date = linked.end()
        yield Candidate(with_weekday(lower, start), end, "DATE", Certainty.FORMED)


# Year to minute or second without signs, as HL7 and file names have it.
_STAMP = re.compile(rf"{_FULL_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?!\w)")
_COMPACT = re.compile(r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d(?![\w%]|[-/.]\d)")
_LONG = re.compile(r"\d{8}")
_PART_OF_CODE = re.compile(r"(?:[a-z0-9_$#]|[a-z0-9][./-]|\d:)\Z")
_LINKED = re.compile(
    rf"[ ]?(?:-|to|thru|through|until|and|&)[ ]?(?:{_MM}[/.-]{_DD}[/.-](?:\d\d)?\d\d|{_FULL_YEAR}-\d\d-\d\d)(?!\d)"
)
_LINKED_PARTS = re.compile(rf"[ ]?(?:-|thru|through)[ ]?{_MM}/{_DD}(?![\d/%])")


def _is_date(lower: str, match: re.Match[str], *, follows: bool) -> bool:
    """Whether a month and day like 3/4 is a date and no score, fraction, strength or pressure."""
    start, end = match.span()
    if follows or _LINKED.match(lower, end):
        return True
    if _NOT_DATE_AFTER.match(lower, end) or _are_cultures(lower, match):
        return False
    before = max(0, start - 30)
    if match["sep"] == "-":  # 5-10 is a range far more often
        return bool(_DATED_DASH.search(lower, before, start)) and not _AMOUNT_AFTER.match(lower, end)
    if match["day"] == "5" and lower[start - 1 : start] == "\n":
        return False  # strength, with the muscle on the line before
    if "0" in (match["month"][0], match["day"][0]):
        return True  # no fraction and no score is written with a zero before it
    if int(match["day"]) in _OUT_OF and _NOT_DATED.search(lower, before, start):
        return False
    if _LINKED_PARTS.match(lower, end) or _DATED.search(lower, before, start) or _AFTER_DATE.match(lower, end):
        return True
    return int(match["day"]) > 12 and not _other_fractions(lower, start, end)


def is_score(lower: str, start: int, end: int) -> bool:
    """Whether the words around a pair like 3/4 say that it is a score, a count or a strength, and it has no zero before."""
    match = _PART.match(lower, start)
    if match is None or match.end() != end or match["sep"] == "-" or "0" in (match["month"][0], match["day"][0]):
        return False
    if _SCORE_AFTER.match(lower, end) or _are_cultures(lower, match):
        return True
    return int(match["day"]) in _OUT_OF and _IS_SCORED.search(lower, max(0, start - 30), start) is not None


def _are_cultures(lower: str, match: re.Match[str]) -> bool:
    """Whether so many of so many bottles grew something: "BCx 2/4"."""
    grew, bottles = int(match["month"]), int(match["day"])
    if match["sep"] == "-" or not grew <= bottles <= _BOTTLES:
        return False
    return _CULTURES.search(lower, max(0, match.start() - 20), match.start()) is not None


_BOTTLES = 4
_CULTURES = re.compile(
    r"(?<![a-z])(?:[bu]?cx|cultures?)(?:[ ]x[ ]?\d)?(?:[ ](?:sent|pos(?:itive)?|grew|neg))?[ :]{1,2}\Z"
)
_OUT_OF = frozenset((*range(2, 13), 14, 15, 16, 18, 20, 21, 24, 25, 27, 28, 30))  # what scores are out of
_FRACTION = re.compile(r"(?<![\d/.])(\d{1,3})/(\d{1,3})(?![\d/])")


def _other_fractions(lower: str, start: int, end: int) -> bool:
    """Whether other figures nearby that are written the same way can't be dates: "histamine 6/22, saline 0/0"."""
    return any(
        (not 1 <= int(each[1]) <= 12 or not 1 <= int(each[2]) <= 31) and not 60 <= int(each[1]) <= 250
        for each in _FRACTION.finditer(lower, max(0, start - 40), end + 40)
    )


_DATED_DASH = re.compile(
    r"(?<![a-z])(?:on|since|dated?|admitted|discharged|seen on|dos|as of|starting|started)[:.]?[ ]\Z"
)
_AMOUNT_AFTER = re.compile(
    r"[ ]?(?:[a-z]{1,12})(?<=mg|ml)|[ ]?(?:hours?|days?|weeks?|months?|years?|minutes?|liters?|l"
    r"|units?|times|pack)(?![a-z])"
)
