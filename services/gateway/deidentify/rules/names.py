"""Names of persons behind a label that can mean nothing else: "Patient name:", "MI:". The recogniser finds all others."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_LABEL = re.compile(
    r"(?<![a-z])(?:patient|pt|member|subscriber|insured|guarantor|policyholder|mother|father|spouse|guardian|client|resident"
    r"|caller|emergency contact|next of kin|legal|full|first|last|maiden|family|given)(?:'s)?[ ](?:(?:full|legal|first|last)[ ])?"
    r"names?[ ]?[:=][ ]?"
)
_NEXT_FIELD = (
    r"(?i:last|first|middle|maiden|given|family|preferred|prior|date|birth|dob|sex|gender|age|race|mrn|plan|group|policy|member|id"
    r"|phone|tel|cell|home|work|address|relation|relationship|language|account|acct|patient|emergency|ssn|insurance|employer)"
)
_WORD = rf"(?!{_NEXT_FIELD}(?![A-Za-z])|[A-Za-z]+[ ]?[:=#/])[A-Z][A-Za-z]*(?:['-][A-Za-z]+){{0,2}}"
_NAME = re.compile(rf"{_WORD}(?:(?:(?<=[ ][A-Z])\.|,)?[ ]{_WORD}){{0,4}}")
_INITIAL = re.compile(r"(?<![A-Za-z])(?:MI|Middle Initial|M\.I\.)[ ]?:[ ]{1,3}(?P<id>[A-MO-XZ])(?![\w'/-])")


def labelled_names(view: View) -> Iterator[Candidate]:
    """What is written like a name up to the end of its field."""
    words = view.vocabulary
    if "name" in words or "names" in words:
        for label in _LABEL.finditer(view.lower):
            if name := _NAME.match(view.text, label.end()):
                yield Candidate(*name.span(), "PERSON", Certainty.LEARNT)
    if "mi" in words or "initial" in words:
        for match in _INITIAL.finditer(view.text):
            yield Candidate(*match.span("id"), "PERSON", Certainty.LEARNT)
