"""Numbers as people say them: "five five five zero one four four", "date of birth nine twenty two seventy four"."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_DIGIT = r"(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine|niner)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_TEENS = r"(?:ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)"
_NUMBER = rf"(?:{_TENS}(?:[- ]{_DIGIT}(?![a-z]))?|{_TEENS}|{_DIGIT}|hundred|thousand|double|triple)"
_PART = r"(?:,[ ]|[ ]-[ ]|[- ])(?:dash[ ]|and[ ]|hyphen[ ])?"
_RUN = re.compile(rf"{_NUMBER}(?:{_PART}{_NUMBER}(?![a-z])){{2,20}}")
_WORD = re.compile(r"[a-z]+")
_LONG = 7
"""Words of one digit each that nobody says of a measurement."""
_LABELS = (
    (r"(?:date of birth|birth ?date|birthday|d\.?o\.?b\.?|born)", 3, "DATE"),
    (r"(?:phone|telephone|cell|mobile|call|callback|number at|reach|text|pager|extension)", 3, "PHONE_NUMBER"),
    (r"fax", 4, "FAX_NUMBER"),
    (r"(?:social|social security|ssn)", 4, "US_SSN"),
    (r"(?:medical record|record|mrn|chart)", 3, "MEDICAL_RECORD_NUMBER"),
    (r"(?:zip|zip code|postal code)", 3, "ZIP_CODE"),
    (r"(?:account|acct)", 4, "ACCOUNT_NUMBER"),
    (r"(?:member|policy|group|insurance|medicare|medicaid)", 4, "HEALTH_PLAN_NUMBER"),
)
_TOLD = [
    (
        re.compile(
            rf"(?<![a-z]){words}(?: number| id| code)?(?:[ ,:]{{1,2}}(?:is|was|on|at|to|back|me|number|my|his|her|the"
            rf"|again)){{0,3}}[ ,:]{{1,2}}\Z"
        ),
        least,
        kind,
    )
    for words, least, kind in _LABELS
]
_SEVERAL = frozenset(_DIGIT.strip("(?:)").split("|")) - {"o", "oh"}


def spoken_numbers(view: View) -> Iterator[Candidate]:
    """Runs of number words: seven digits are a phone number, fewer what the label before them says."""
    if len(_SEVERAL & view.vocabulary) < 1:
        return
    lower = view.lower
    end = 0
    for match in _RUN.finditer(lower):
        start = match.start()
        if start < end or (start and lower[start - 1].isalpha()):
            continue
        end = match.end()
        words = len(_WORD.findall(match[0]))
        for told, least, kind in _TOLD:
            if words >= least and told.search(lower, max(0, start - 48), start):
                yield Candidate(start, end, kind, Certainty.LABELLED)
                break
        else:
            if words >= _LONG:
                yield Candidate(start, end, "PHONE_NUMBER", Certainty.FORMED)
