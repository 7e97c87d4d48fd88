"""Medical record numbers that are too short for a code of any other kind: "MRN: A12", "MRN ends in 882"."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_LABELS = frozenset(("mrn", "mrns", "mr", "medical", "chart"))
_SHORT = re.compile(
    r"(?:mrns?|mr[ ]?(?:\#|no\.?|number)|medical record (?:number|no\.?|\#)|chart[ ]?(?:\#|no\.?|number))"
    r"(?:[ ](?:is|was|ends?|ending|last|in|with|four|three|digits|\d(?!\d)|are|on|file)){0,4}[ ]?[:#=-]{0,2}[ ]?"
    r"(?P<id>[a-z]{0,3}[- ]?\d{2,10})(?![\w/%]|[-.]\d|[ ]?(?:mg|ml|days?|years?|yo|pm|am)(?![a-z]))"
)


def short_records(view: View) -> Iterator[Candidate]:
    """What follows a label that nothing else has."""
    for word, start in view.words:
        if word in _LABELS and (match := _SHORT.match(view.lower, start)):
            yield Candidate(*match.span("id"), "MEDICAL_RECORD_NUMBER", Certainty.FORMED)
