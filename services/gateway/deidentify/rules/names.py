"""Names of persons beside what can mean nothing else: "Patient name:", "MI:", "Dr.", a signature's dash. The recogniser finds
all others, and mostly these; the rules don't let it miss the plain cases.
"""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import COMMON_WORDS, word_lists

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
_SIGNED = re.compile(
    r"(?<=[.!?)\]\s])(?:--?|~)(?P<id>[A-Za-z]{2,3}|[A-Z]\.[A-Z])"
    r"(?=\.?[ \t]*(?:\n|\Z)|[ ](?:[01]\d|2[0-3])[0-5]\d(?!\d))"
)
_TITLES = frozenset(("dr", "mr", "mrs", "ms"))
_PART = r"[A-Z](?:'[A-Z])?[a-z]{1,20}(?:[A-Z][a-z]{1,20})?(?:-[A-Z][a-z]{1,20}){0,2}"
_TITLED = re.compile(
    rf"(?:Dr|Mr|Mrs|Ms)\.?[ ](?P<id>(?P<first>{_PART}|[A-Z](?![\w'-]))(?:(?:[ ][A-Z]\.?)?[ ](?P<more>{_PART}))?)"
)
_NO_NAMES = COMMON_WORDS | frozenset(
    listed(
        "visit visits appt apt appointment office aware notified order orders ordered called note clean complete ed er spanish"
    )
)


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


def signatures(view: View) -> Iterator[Candidate]:
    """The initials behind a dash at the end of a line, or before the time: "NPO for now. -ds", "-tmc 0730"."""
    if "-" in view.text or "~" in view.text:
        for match in _SIGNED.finditer(view.text):
            yield Candidate(*match.span("id"), "PERSON", Certainty.FORMED)


def titled_names(view: View) -> Iterator[Candidate]:
    """A capitalised word after a title unless it names nobody, and the one after it where a list of names has it."""
    if _TITLES.isdisjoint(view.vocabulary):
        return
    for word, start in view.words:
        if word in _TITLES and (match := _TITLED.match(view.text, start)):
            first = match["first"].lower()
            if len(first) > 1 and first in _NO_NAMES:
                continue
            end = match.end("id") if match["more"] and _is_listed(match["more"]) else match.end("first")
            yield Candidate(match.start("id"), end, "PERSON", Certainty.LEARNT)


def _is_listed(name: str) -> bool:
    return any(part in word_lists().names or part in word_lists().frequent for part in name.lower().split("-"))
