"""E-mail addresses."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_ADDRESS = re.compile(r"[\w.%+'-]{1,64}[ ]?@[ ]?(?:[\w-]{1,63}[ ]?\.[ ]?){1,6}[a-z]{2,24}(?![\w-]*@)")
_DOTTED = re.compile(r"[\w.%+'-]{1,64}@(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}")
_AT = r"(?:[ ]?[\[({<][ ]?at[ ]?[\])}>][ ]?|[ ]at[ ])"
_DOT = r"(?:[ ]?[\[({<][ ]?(?:dot|\.)[ ]?[\])}>][ ]?|[ ](?:dot|period|point)[ ])"
_SPOKEN_TOP = r"(?:com|org|net|edu|gov|mil|io|co|us|info|health|me|biz|uk|ca)"
_SPOKEN = re.compile(
    rf"(?<![\w.])(?P<id>[a-z0-9][\w%+-]{{0,30}}(?:(?:{_DOT}|[ ](?:underscore|dash|hyphen|plus)[ ]"
    rf"|\.)[\w%+-]{{1,30}}){{0,4}}"
    rf"(?:{_AT}|@)[\w-]{{1,40}}(?:(?:{_DOT}|\.)[\w-]{{1,30}}){{0,3}}(?:{_DOT}|(?<=[\w])\.){_SPOKEN_TOP})(?!\w)"
)
_ENDS = re.compile(rf"(?:dot|period|point|\.)[ \])}}>]{{0,2}}{_SPOKEN_TOP}(?!\w)")
_HINT = re.compile(r"(?:e-?mail|write|contact|address|reach|send)[^\n]{0,20}\Z")


def email_addresses(view: View) -> Iterator[Candidate]:
    """E-mail addresses, those with blanks and those that are spelt out ("jane dot doe at mail dot com") included."""
    lower = view.lower
    if "@" in lower:
        for match in _DOTTED.finditer(lower):
            start = match.start() + len(match[0]) - len(match[0].lstrip("'.-+%"))
            yield Candidate(start, match.end(), "EMAIL_ADDRESS", Certainty.LABELLED)
        for match in _ADDRESS.finditer(lower):
            if " " in match[0] and re.search(rf"\.[ ]?{_SPOKEN_TOP}$", match[0]):
                yield Candidate(*match.span(), "EMAIL_ADDRESS", Certainty.LABELLED)
    if not (
        (
            " at " in lower
            or "(at)" in lower
            or "at]" in lower
            or "at}" in lower
            or "at>" in lower
            or "at )" in lower
            or "@" in lower
        )
        and _ENDS.search(lower)
    ):
        return
    for match in _SPOKEN.finditer(lower):
        local = re.split(_AT, match[0])[0]
        written_plainly = not re.search(_DOT + r"|[\[({<]", match[0])
        if written_plainly and local.isalpha() and not _HINT.search(lower, max(0, match.start() - 40), match.start()):
            continue  # "seen at clinic.org"
        yield Candidate(*match.span("id"), "EMAIL_ADDRESS", Certainty.LABELLED)
