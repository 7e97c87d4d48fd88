"""Generalisations that 45 CFR 164.514(b)(2)(i) allows: ages to 90+, ZIP codes to three digits, dates to their year.

The three-digit areas with 20,000 people or fewer, which become 000, are those that the Department of Health and Human Services
lists from the census of 2000: "Guidance Regarding Methods for De-identification of Protected Health Information in Accordance
with the HIPAA Privacy Rule" (26 November 2012), section "What is the ZIP code rule?",
https://www.hhs.gov/hipaa/for-professionals/special-topics/de-identification/index.html
The rule asks for current data: the census of 2010 adds 205 and 369. What only the older one had stays.
"""

import re

SMALL_AREAS = frozenset(
    (
        *("036", "059", "063", "102", "203", "556", "692", "790", "821", "823"),
        *("830", "831", "878", "879", "884", "890", "893"),
        *("205", "369"),
    )
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_DIGITS = re.compile(r"\d", re.ASCII)


def generalise(kind: str, value: str) -> str | None:
    """What may stay of a value; None where nothing may."""
    if kind == "AGE":
        return "90+"
    if kind == "ZIP_CODE":
        area = "".join(_DIGITS.findall(value))[:3]
        if len(area) < 3:
            return None
        return "000" if area in SMALL_AREAS else area
    if kind == "DATE":
        years = set(_YEAR.findall(value))
        return years.pop() if len(years) == 1 else None
    return None
