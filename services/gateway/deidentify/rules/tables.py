"""Tables and lines of fields: the heading of a column, or the fields before it, tell what a bare number is."""

import re
from collections.abc import Iterator, Mapping

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "name",
            "patient",
            "patient name",
            "pt",
            "pt name",
            "provider",
            "attending",
            "pcp",
            "physician",
            "md",
            "resident",
            "nurse",
            "rn",
            "surgeon",
            "contact",
        ),
        "PERSON",
    ),
    **dict.fromkeys(
        (
            "dob",
            "d.o.b.",
            "date of birth",
            "birth date",
            "date",
            "dos",
            "admit",
            "admitted",
            "adm date",
            "admit date",
            "discharged",
            "visit date",
        ),
        "DATE",
    ),
    **dict.fromkeys(
        (
            "mrn",
            "mr#",
            "mr #",
            "mrn#",
            "mrn #",
            "medical record number",
            "medical record #",
            "chart",
            "chart #",
            "chart no",
        ),
        "MEDICAL_RECORD_NUMBER",
    ),
    **dict.fromkeys(("ssn", "ss#", "social security number"), "US_SSN"),
    **dict.fromkeys(
        ("phone", "tel", "telephone", "cell", "mobile", "pager", "home phone", "work phone"), "PHONE_NUMBER"
    ),
    **dict.fromkeys(("fax", "fax #"), "FAX_NUMBER"),
    **dict.fromkeys(
        ("acct", "acct #", "account", "account #", "account no", "account number", "fin", "har"), "ACCOUNT_NUMBER"
    ),
    **dict.fromkeys(
        ("member id", "policy", "policy #", "insurance id", "subscriber id", "mbi", "medicare", "medicaid id", "group"),
        "HEALTH_PLAN_NUMBER",
    ),
    **dict.fromkeys(("npi", "dea", "license", "license #", "lic"), "LICENSE_NUMBER"),
    **dict.fromkeys(("serial", "serial #", "serial no", "s/n", "sn", "udi", "device id", "lot"), "DEVICE_ID"),
    **dict.fromkeys(
        (
            "accession",
            "accession #",
            "acc #",
            "case",
            "case #",
            "encounter",
            "csn",
            "id",
            "study id",
            "subject",
            "subject id",
            "specimen",
            "specimen id",
            "order #",
        ),
        "ID",
    ),
    **dict.fromkeys(("vin", "plate"), "VEHICLE_ID"),
    **dict.fromkeys(("address", "city", "facility", "hospital", "county", "location"), "LOCATION"),
    **dict.fromkeys(("zip", "zip code"), "ZIP_CODE"),
    **dict.fromkeys(("age", "age/sex", "yrs"), "AGE"),
}
_OLD = re.compile(r"(?:9\d|1[0-2]\d)(?!\d)")
_LINE = re.compile(r"[^\n]+")
_RULE = re.compile(r"[\s|:+=-]+")
_LETTERS = re.compile(r"[A-Za-z]")
# NAME / DOB / MRN, as labels and wristbands have them.
_AFTER_BIRTH = re.compile(
    r"(?<!\d)(?:\d{1,4}([-/.])\d{1,2}\1\d{2,4}|\d{1,2}/(?:19|20)\d\d)(?:[ ]/[ ]|[ ]?\|[ ]?)"
    r"(?P<id>(?!\d{1,3}[./]\d|\d{4}(?!\w))(?=(?:[a-z._/ -]{0,6}\d){4})[a-z0-9](?:[a-z0-9._/-]|[ ](?=[a-z]{0,2}\d)){4,30})"
    r"(?=[ ]?(?:[|,;\n]|\Z))"
)


_PAIR_OF_LABELS = re.compile(r"/[ ]?[a-z.#]{2,12}[ ]?[:=]")
# MRN/FIN: 4410027 / 90117734
_PAIRED = re.compile(
    r"(?<![a-z])(?P<labels>[a-z.#]{2,12}(?:[ ]?/[ ]?[a-z.#]{2,12}){1,3})[ ]?[:=][ ]?"
    r"(?P<ids>[a-z0-9.-]{3,24}(?:[ ]?/[ ]?[a-z0-9.-]{3,24}){1,3})(?![\w/])"
)


def paired(view: View) -> Iterator[Candidate]:
    """Codes parted by slashes after as many labels parted by slashes."""
    if not _PAIR_OF_LABELS.search(view.lower):
        return
    for match in _PAIRED.finditer(view.lower):
        kinds = [_HEADINGS.get(label.strip(" #")) for label in match["labels"].split("/")]
        values = match["ids"].split("/")
        start = match.start("ids")
        for kind, value in zip(kinds, values, strict=False):
            begin = start + len(value) - len(value.lstrip())
            if kind and len(kinds) == len(values) and _fits(value.strip(), kind):
                yield Candidate(begin, begin + len(value.strip()), kind, Certainty.LABELLED)
            start += len(value) + 1


def tables(view: View) -> Iterator[Candidate]:
    """What stands under a heading of a table, where it can be of that kind; the number after a name and a date of birth."""
    lower = view.lower
    for match in _AFTER_BIRTH.finditer(lower) if "|" in lower or " / " in lower else ():
        yield Candidate(*match.span("id"), "MEDICAL_RECORD_NUMBER", Certainty.GUESSED)
    if "\n" not in lower or not ("|" in lower or "\t" in lower):
        return
    headings: list[str | None] = []
    separator = ""
    for line in _LINE.finditer(lower):
        mark = "|" if "|" in line[0] else "\t"
        if mark not in line[0]:
            headings = []
            continue
        cells = [cell.strip(" *_#:") for cell in line[0].split(mark)]
        found = [_HEADINGS.get(cell) for cell in cells]
        if sum(each is not None for each in found) >= 2:
            headings, separator = found, mark
        elif headings and mark == separator and len(cells) == len(headings) and not _RULE.fullmatch(line[0]):
            yield from _row(view.text, line.start(), line.end(), separator, headings)


def _row(text: str, start: int, end: int, separator: str, headings: list[str | None]) -> Iterator[Candidate]:
    for cell, kind in zip(text[start:end].split(separator), headings, strict=True):
        value = cell.strip()
        begin = start + len(cell) - len(cell.lstrip())
        start += len(cell) + 1
        if kind and _fits(value, kind):
            yield Candidate(
                begin,
                begin + len(value),
                kind,
                Certainty.LEARNT if kind in ("PERSON", "LOCATION") else Certainty.LABELLED,
            )


def _fits(value: str, kind: str) -> bool:
    if kind in ("PERSON", "LOCATION"):
        return len(value) > 1 and value[0].isupper() and not any(map(str.isdigit, value)) and len(value) < 50
    if kind == "AGE":
        return _OLD.match(value) is not None
    return 3 <= len(value) <= 40 and sum(map(str.isdigit, value)) >= 3
