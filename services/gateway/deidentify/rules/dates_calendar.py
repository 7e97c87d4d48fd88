"""Days that have a name or an ordinal: Monday, Christmas Eve, "the 21st", spring of 2019, Q3 2021; and telling years of birth."""

import re
from collections.abc import Iterator
from datetime import date

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.rules.months import WEEKDAYS
from services.gateway.deidentify.view import View

_BEFORE_SHORT = re.compile(
    r"(?<![a-z])(?:on|next|last|this|until|till|til|by|since|f/u|from|before|after|visit|appt|for"
    r"|every|return|rtc|seen|due|back|through|thru|each|coming)[ ]\Z"
)
_SHORTENED = frozenset(("mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun"))
_LINE_START = re.compile(r"(?:\A|\n)[ \t]{0,2}(?:[-*\u2022#]|\d[.)])?[ ]?\Z")
_LISTED_DAY = re.compile(
    r"\.?:|[ ](?:appt|appointment|morning|afternoon|evening|night|clinic|visit|dialysis|a\.?m|p\.?m)(?![a-z])"
)
_FOURTH = re.compile(r"the[ ](?:4th|fourth)[ ]of[ ]july(?![a-z])")
# "Recheck Sat.", but "O2 Sat." and "Sun, Sand".
_CLOSES = re.compile(r"[.;)](?!\w)|[ ]if[ ]|[ ]at[ ]\d")
_MEASURED = re.compile(r"(?:o2|oxygen|spo2|room air|air|the|in)[ ]\Z|(?:\A|[.\n])[ ]?\Z")
_NOT_A_DAY = re.compile(r"/|[ ]?\d{2,3}[ ]?%")
_FIRST = frozenset(
    listed(
        "christmas xmas x new boxing thanksgiving labor labour memorial halloween easter good ash palm "
        "mardi fat black cyber independence veteran veterans president presidents columbus indigenous "
        "nowruz norooz holi purim sukkot shavuot pesach navratri onam pongal songkran tet hogmanay ashura muharram nye "
        "bastille canada guy dia orthodox losar obon simchat vaisakhi bowl remembrance anzac superbowl kings three "
        "juneteenth mother mothers father fathers valentine valentines st saint groundhog mlk martin "
        "cinco ramadan eid passover rosh yom hanukkah chanukah kwanzaa diwali lunar chinese super flag holy maundy "
        "earth pentecost lent advent all epiphany election patriots patriot tax spring summer autumn fall "
        "winter q first second third fourth quarter born birth year yob b"
    )
)
_HOLIDAY = re.compile(
    r"(?<![a-z])(?:(?:christmas(?![ ](?:disease|factor|tree))|x-?mas|new[ ]year'?s?)(?:[ ](?:eve|day|morning|night))?|boxing[ ]day"
    r"|thanksgiving(?:[ ]day|[ ]eve)?|labou?r[ ]day|memorial[ ]day|halloween"
    r"|easter(?:[ ](?:sunday|monday))?|good[ ]friday|ash[ ]wednesday|palm[ ]sunday|mardi[ ]gras|fat[ "
    r"]tuesday|black[ ]friday|cyber[ ]monday|independence[ ]day|veterans?'?s?[ ]day|presidents?'?s?[ "
    r"]day|columbus[ ]day"
    r"|indigenous[ ]peoples?'?[ ]day|juneteenth|mother'?s'?[ ]day|father'?s'?[ ]day|valentine'?s?(?:[ "
    r"]day)?|(?:st\.?|saint)[ ]patrick'?s[ ]day|groundhog[ ]day|mlk[ ]day|martin[ ]luther[ ]king(?:[ "
    r"]jr\.?)?[ ]day"
    r"|cinco[ ]de[ ]mayo|ramadan|eid(?:[ ]al-(?:fitr|adha))?|passover|rosh[ ]hashanah?|yom[ ]kippur"
    r"|hanukkah|chanukah|kwanzaa|diwali|lunar[ ]new[ ]year|chinese[ ]new[ ]year|super[ ]bowl[ ]sunday"
    r"|flag[ ]day"
    r"|earth[ ]day|pentecost|lent|advent(?=[ ]sunday)|all[ ]saints'?[ ]day|epiphany(?=[ ]sunday)"
    r"|election[ ]day|patriots'?[ ]day|tax[ ]day|nowruz|norooz|holi(?![- ])|purim|sukkot|shavuot|pesach|navratri|onam|pongal"
    r"|songkran|tet(?=[ ](?:holiday|festival|celebration))|hogmanay|ashura|muharram|bastille[ ]day|canada[ ]day"
    r"|guy[ ]fawkes(?:[ ](?:day|night))?"
    r"|d[i\xed]a[ ]de[ ](?:los[ ]muertos|muertos|reyes)|orthodox[ ](?:easter|christmas)|losar|simchat[ ]torah|vaisakhi"
    r"|remembrance[ ]day|anzac[ ]day|(?:three[ ])kings'?[ ]day|superbowl(?:[ ]sunday)?|nye(?=[ ]|[.,;]|\Z)|all[ ]souls'?[ ]day"
    r"|memorial[ ]weekend|labor[ ]weekend|holy[ ](?:week|saturday|thursday)|maundy[ ]thursday)(?![a-z])"
)
_SEASON = re.compile(
    r"(?<![a-z])(?:spring|summer|autumn|fall|winter)(?:[ ]of|[ ]in|,)?[ ](?:(?:19|20)\d\d(?!\d)|'\d\d(?!\d))"
)
_QUARTER = re.compile(
    r"(?<![a-z0-9])(?:q[1-4][ /-]?(?:of[ ])?(?:19|20)\d\d|(?:19|20)\d\d[ -]?q[1-4]|(?:first|second"
    r"|third|fourth|1st|2nd|3rd|4th)[ ]quarter[ ]of[ ](?:19|20)\d\d)(?!\w)"
)
_BEFORE_ORDINAL = re.compile(
    r"(?<![a-z])(?:on|since|until|till|til|by|before|after|from|through|thru|between|as of|for|of)[ ]\Z"
)
_ORDINAL = re.compile(
    r"the[ ](?P<id>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th))"
    r"(?=[ ]?(?:[.,;:!?)]|$|\n|at[ ](?:\d|noon|the)|and[ ](?:the[ ]\d|will|was|he|she|i|we)|with[ "
    r"](?:dr|no)|to[ ]|for[ ]|due[ ]|because|when|but|after|before|or[ ]the|through|of[ ](?:this|last"
    r"|next|the[ ])[ ]?month))"
)
# After these an ordinal is a day whatever follows, unless it counts something.
_HAPPENED = re.compile(
    r"(?<![a-z])(?:admitted|discharged|due|seen|scheduled|died|transferred|back|return(?:s|ing)?|visit|until|since"
    r"|after|before|on)[ ]\Z"
)
_HAPPENED_ON = re.compile(
    r"the[ ](?P<id>(?:3[01]|[12]\d|[1-9])(?:st|nd|rd|th)|(?:twenty-|thirty-)?(?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth)|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth)"
    r"(?![a-z])(?=[ ]?(?:[.,;:)]|\Z|\n)|[ ](?:for|with|and|but|by|from|because|who|when|at|to)[ ])"
)
_BIRTH_YEAR = re.compile(
    r"(?<![a-z])(?:born(?:[ ]in)?|birth[ ]?year|year[ ]of[ ]birth|yob|b\.)[ :]{1,3}(?:is[ ]|in[ "
    r"])?(?P<id>(?:18|19)\d\d)(?![\d/-])"
)
_SHORTENINGS = frozenset(("eid", "tet", "holi"))
"""In capitals among other words these are abbreviations."""
_OLDEST = 89  # 45 CFR 164.514(b)(2)(i)(C): "all elements of dates (including year) indicative of such age"


def calendar_dates(view: View) -> Iterator[Candidate]:
    """Days by name, by ordinal, seasons and quarters of a year, years of birth of those over 89."""
    lower = view.lower
    for word, start in view.words:
        if word in WEEKDAYS or (word in _SHORTENED and _is_weekday(view, word, start)):
            yield Candidate(start, start + len(word), "DATE", Certainty.FORMED)
        elif word in _FIRST:
            if word in _SHORTENINGS and view.text[start : start + len(word)].isupper() and not view.text.isupper():
                continue
            for pattern in (_HOLIDAY, _SEASON, _QUARTER):
                if match := pattern.match(lower, start):
                    yield Candidate(*match.span(), "DATE", Certainty.FORMED)
            match = _BIRTH_YEAR.match(lower, start)
            if match and date.today().year - int(match["id"]) > _OLDEST + 1:
                yield Candidate(*match.span("id"), "DATE", Certainty.FORMED)
        elif word == "the" and (match := _FOURTH.match(lower, start)):
            yield Candidate(*match.span(), "DATE", Certainty.FORMED)
        elif (
            word == "the"
            and (match := _HAPPENED_ON.match(lower, start))
            and _HAPPENED.search(lower, max(0, start - 12), start)
        ) or (
            word == "the"
            and (match := _ORDINAL.match(lower, start))
            and _BEFORE_ORDINAL.search(lower, max(0, start - 10), start)
        ):
            yield Candidate(*match.span("id"), "DATE", Certainty.FORMED)
    for digits, start in view.numbers:
        if (
            (len(digits) == 4 and lower[start + 4 : start + 6].strip(" -")[:1] == "q")
            or (len(digits) == 1 and lower.startswith("quarter of", start + 4))
        ) and (match := _QUARTER.match(lower, start)):
            yield Candidate(*match.span(), "DATE", Certainty.FORMED)


def _is_weekday(view: View, word: str, start: int) -> bool:
    """Whether a shortened day of the week is one: "sat" and "sun" are words, MON may be a column."""
    capital = view.text[start].isupper()
    if _LISTED_DAY.match(view.lower, start + len(word)) and (
        capital or _LINE_START.search(view.lower, max(0, start - 6), start)
    ):
        return True
    if _NOT_A_DAY.match(view.lower, start + len(word)) or (start and view.lower[start - 1] in "/-"):
        return False
    if word in ("tues", "thurs", "weds", "thur") and capital:
        return True
    if word in ("sat", "sun", "mon", "wed", "fri") and not capital:
        return False
    if _CLOSES.match(view.lower, start + len(word)) and not view.text[start + 1].isupper():
        return not _MEASURED.search(view.lower, max(0, start - 12), start)
    return _BEFORE_SHORT.search(view.lower, max(0, start - 10), start) is not None
