"""ZIP codes, which five digits are only beside a state, a city or the word."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import STATE_NAMES, STATES

_CODE = re.compile(r"\d{5}(?:[ ]?-[ ]?\d{4}|\d{4})?(?![\w]|[-/.]\d)")
_ABBREVIATED = re.compile(rf"(?<![A-Za-z])(?P<state>{'|'.join(sorted(STATES))})[ \t]{{0,2}}[,.|;-]{{0,2}}\s{{0,3}}\Z")
_NAMED = re.compile(
    rf"(?<![a-z])(?:{'|'.join(sorted(STATE_NAMES))}|d\.c\.|mass\.?|calif\.?|ill\.?|penna?\.?|fla\.?|tex\.?|ariz\.?"
    rf"|colo\.?|conn\.?|wash\.?|mich\.?|minn\.?|tenn\.?|wis\.?|okla\.?|oreg?\.?|usa|county|parish"
    rf"|municipio)[ \t]{{0,2}}[,."
    rf"|;-]{{0,2}}\s{{0,3}}\Z"
)
_LABEL = re.compile(
    r"(?<![a-z])(?:zips?|zipcodes?|postal|post code|postcode)(?:[ -]?codes?)?(?:[ ]served)?(?:[ ]?\+[ "
    r"]?4)?(?:[ ](?:is|of|was))?[ \t]{0,2}[:=\#|?(-]{0,2}\s{0,3}\Z"
)
_WORDS = frozenset(listed("AL CO DE HI ID IN LA MA ME MS OH OK OR PA PR"))  # in lower case these are words as well
_LOWER = re.compile(
    rf"(?:(?<=[a-z],)[ ]?(?:{'|'.join(sorted(STATES - {'ID', 'IN', 'OR', 'ME'})).lower()})"
    rf"|(?<=[a-z],)[ ]?(?:in|or|me|id)(?=,)|(?<=[a-z])\s(?:{'|'.join(sorted(STATES - _WORDS)).lower()})),?\s{{1,2}}\Z"
)
_LIVES = re.compile(
    r"(?<![a-z])(?:lives?|living|resides?|residing|stays?|staying|moved|moving|relocat\w{2,3}|homeless|mail(?:ed|ing)?|address"
    r"|home|house|apartment|apt)(?![a-z])[a-z', ]{0,24}(?<![a-z])(?:in|at|near|from|to|of|around|within)[ ](?:the[ ])?\Z"
)
_AREA = re.compile(r"(?:\d{4})?[ ](?:area|zip|neighbou?rhood)(?![a-z])|[ ]to[ ]\d{5}(?!\d)")
_BEFORE_AREA = re.compile(r"(?<![a-z])(?:the|from|in|near|to)[ ]\Z")
_CITY = re.compile(r"(?:mail(?:ed|ing)?|ship(?:ped|ping)?|sent|lives?|moved|address)[a-z: ]{1,16}\Z")
_CITY_NAME = re.compile(r"[A-Z][a-z]+(?:[ ][A-Z][a-z]+){0,2},?[ ]\Z")
_MORE = re.compile(r"(?:,[ ]?(?:and[ ])?|[ ](?:and|&|or)[ ]|/)(?=\d{5})")
_PLUS_FOUR = re.compile(r"(?<![\w$.,/-])\d{5}-\d{4}(?![\w-])")
_FIVE = re.compile(r"\d{5}")


def zip_codes(view: View) -> Iterator[Candidate]:
    """Five digits or five and four, after a state or a label; five-dash-four anywhere."""
    if not _FIVE.search(view.lower):
        return
    listed = 0
    for digits, start in view.numbers:
        if len(digits) not in (5, 9) or not (match := _CODE.match(view.lower, start)):
            continue
        before = max(0, start - 40)
        if (
            start == listed
            or _follows_state(view, digits, before, start)
            or _LABEL.search(view.lower, before, start)
            or _is_home(view, before, start, match.end())
        ):
            yield Candidate(start, match.end(), "ZIP_CODE", Certainty.LABELLED)
            after = _MORE.match(view.lower, match.end())
            listed = after.end() if after else 0
        elif "-" in match[0] and _PLUS_FOUR.match(view.lower, start):
            yield Candidate(start, match.end(), "ZIP_CODE", Certainty.FORMED)


def _is_home(view: View, before: int, start: int, end: int) -> bool:
    """Whether somebody lives there: "stays near 94102", "the 60657 area", "mailed to Chicago 60657"."""
    lower = view.lower
    if _LIVES.search(lower, before, start) or (_AREA.match(lower, end) and _BEFORE_AREA.search(lower, before, start)):
        return True
    city = _CITY_NAME.search(view.text, before, start)
    return city is not None and _CITY.search(lower, max(0, city.start() - 24), city.start()) is not None


def _follows_state(view: View, digits: str, before: int, start: int) -> bool:
    if match := _ABBREVIATED.search(view.text, before, start):
        return match["state"] != "ID" or digits.startswith("83")  # Idaho's begin with 83; "ID 90337" is a label
    return bool(_LOWER.search(view.lower, before, start) or _NAMED.search(view.lower, before, start))
