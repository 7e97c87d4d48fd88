"""Codes that are too short for a code of any other kind, by the label before them: "MRN: A12", "badge 418", "lot 5B2XN"."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_NO = r"(?:[ ]?(?:\#|no\.?|nr\.?|number|id))?"
_END = r"(?![\w/%]|[-.]\d|[ ]?(?:mg|ml|days?|years?|yo|pm|am)(?![a-z]))"
_RECORD = re.compile(
    r"(?:mrns?|mr[ ]?(?:\#|no\.?|number)|medical record (?:number|no\.?|\#)|chart[ ]?(?:\#|no\.?|number))"
    r"(?:[ ](?:is|was|ends?|ending|last|in|with|four|three|digits|\d(?!\d)|are|on|file)){0,4}[ ]?[:#=-]{0,2}[ ]?"
    rf"(?P<id>[a-z]{{0,3}}[- ]?\d{{2,10}}){_END}"
)
_OFFICER = re.compile(rf"(?:badge|bib){_NO}[ :#]{{1,3}}(?P<id>[a-z]{{0,2}}-?\d{{2,6}}){_END}")
_SUBJECT = re.compile(
    rf"subj(?:ects?|\.)?{_NO}[ :#]{{1,3}}(?P<id>[a-z]-?\d{{2,4}}|\d{{2,4}}-\d{{2,4}}|0\d{{2,3}}){_END}"
)
_LOT_CODE = r"(?=[a-z]{0,5}\d)(?=\d{0,5}[a-z])(?!\d+(?:mg|mcg|ml|cc|x)(?![a-z]))[a-z\d]{4,9}(?![\w-])"
_LOT = re.compile(rf"lots?{_NO}[ :#]{{1,3}}(?P<id>{_LOT_CODE})")
_NEXT_LOT = re.compile(rf"(?:,|[ ]and|[ ]&)[ ](?P<id>{_LOT_CODE})")
_LABELS = {
    **dict.fromkeys(("mrn", "mrns", "mr", "medical", "chart"), (_RECORD, "MEDICAL_RECORD_NUMBER")),
    **dict.fromkeys(("badge", "bib"), (_OFFICER, "ID")),
    **dict.fromkeys(("subj", "subject", "subjects"), (_SUBJECT, "ID")),
    **dict.fromkeys(("lot", "lots"), (_LOT, "DEVICE_ID")),
}


def short_records(view: View) -> Iterator[Candidate]:
    """What follows a label that nothing else has."""
    lower = view.lower
    for word, start in view.words:
        if word not in _LABELS:
            continue
        pattern, kind = _LABELS[word]
        match = pattern.match(lower, start)
        while match:
            yield Candidate(*match.span("id"), kind, Certainty.FORMED)
            match = _NEXT_LOT.match(lower, match.end()) if pattern is _LOT else None
