"""Segments of HL7 v2 messages, where the place of a field says what it holds: PID|1||7741902^^^MGH||DOE^JANE||19620314|F.

Fields are counted as in HL7 v2.5.1, chapters 2, 3 and 6; components are parted by ^, repetitions by ~.
"""

import re
from collections.abc import Iterator, Mapping

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_SEGMENT = re.compile(r"(?:\A|(?<=[\n\r]))[ \t]{0,4}(?P<name>PID|NK1|PV1|GT1|IN1|OBR|ORC)\|[^\n\r]*")
# First component alone, a name of all its components, an address, a date, a clinician with a number before the name.
_FIELDS: Mapping[str, Mapping[int, str]] = {
    "PID": {
        **dict.fromkeys((2, 3, 4), "MEDICAL_RECORD_NUMBER"),
        **dict.fromkeys((5, 6, 9), "PERSON"),
        **dict.fromkeys((7, 29), "DATE"),
        11: "LOCATION",
        **dict.fromkeys((13, 14), "PHONE_NUMBER"),
        18: "ACCOUNT_NUMBER",
        19: "US_SSN",
        20: "LICENSE_NUMBER",
    },
    "NK1": {2: "PERSON", 4: "LOCATION", 5: "PHONE_NUMBER", 6: "PHONE_NUMBER", 30: "PERSON"},
    "PV1": {7: "CLINICIAN", 8: "CLINICIAN", 9: "CLINICIAN", 17: "CLINICIAN", 19: "ID", 44: "DATE", 45: "DATE"},
    "GT1": {2: "ACCOUNT_NUMBER", 3: "PERSON", 5: "LOCATION", 6: "PHONE_NUMBER", 8: "DATE", 12: "US_SSN"},
    "IN1": {8: "HEALTH_PLAN_NUMBER", 16: "PERSON", 18: "DATE", 19: "LOCATION", 36: "HEALTH_PLAN_NUMBER"},
    "OBR": {2: "ID", 3: "ID", 7: "DATE", 10: "CLINICIAN", 16: "CLINICIAN", 22: "DATE", 28: "CLINICIAN"},
    "ORC": {2: "ID", 3: "ID", 9: "DATE", 12: "CLINICIAN"},
}
_STREET, _OTHER, _CITY, _ZIP, _COUNTY = 0, 1, 2, 4, 8
_GIVEN_NAMES_END = 4
"""Components of a name after this one are degrees and codes."""


def hl7_segments(view: View) -> Iterator[Candidate]:
    """Identifiers by their place in a segment."""
    if "|" not in view.text:
        return
    for segment in _SEGMENT.finditer(view.text):
        start = segment.start("name")
        for number, field in enumerate(segment[0].strip().split("|")):
            kind = _FIELDS[segment["name"]].get(number)
            if kind and field:
                for repetition in field.split("~"):
                    yield from _field(repetition, start, kind)
                    start += len(repetition) + 1
            else:
                start += len(field) + 1


def _field(field: str, start: int, kind: str) -> Iterator[Candidate]:
    components = field.split("^")
    if kind == "PERSON":
        yield from _name(components, start)
    elif kind == "CLINICIAN":
        yield from _one(components[0], start, "ID", Certainty.GUESSED)
        yield from _name(components[1:], start + len(components[0]) + 1)
    elif kind == "LOCATION":
        for place, component in enumerate(components):
            if place in (_STREET, _OTHER, _CITY, _COUNTY):
                yield from _one(component, start, "LOCATION")
            elif place == _ZIP:
                yield from _one(component, start, "ZIP_CODE")
            start += len(component) + 1
    else:
        yield from _one(components[0], start, kind)


def _name(components: list[str], start: int) -> Iterator[Candidate]:
    name = "^".join(components[:_GIVEN_NAMES_END]).rstrip("^ ")
    if any(map(str.isalpha, name)):
        yield Candidate(start, start + len(name), "PERSON", Certainty.LABELLED)


def _one(value: str, start: int, kind: str, certainty: Certainty = Certainty.LABELLED) -> Iterator[Candidate]:
    needed = str.isalpha if kind == "LOCATION" else str.isdigit
    if any(map(needed, value)):
        first = start + len(value) - len(value.lstrip())
        yield Candidate(first, first + len(value.strip()), kind, certainty)
