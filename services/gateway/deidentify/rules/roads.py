"""Roads with a number, crossings and institutions of a town: "off Hwy 9 near Elko", "4th & Main", "Breast Center of Tulsa"."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import STATES, word_lists

_TOWN = r"[A-Z][A-Za-z'-]+(?:[ ][A-Z][A-Za-z'-]+){0,2}"
_NEAR = (
    r"(?:[ ](?:near|in|outside|outside of|south of|north of|east of|west of|just past)[ ]"
    rf"(?:{_TOWN}|[a-z]{{4,14}}(?=[ ]?[,.;\n]|\Z)))?"
)
_ROAD = (
    r"(?:(?i:hwy|highway|us[ ]highway|us[ ]hwy|state[ ]route|state[ ]road|state[ ]hwy|county[ ]road|county[ ]rd|co[ ]rd|interstate"
    r"|farm[ ]road|county[ ]highway|rural[ ]route|mile[ ]marker[ ]\d{1,3}(?:\.\d)?,?[ ](?:of[ ]|on[ ])?(?:hwy|highway|i|us))"
    r"[ -]?\d{1,4}[A-Za-z]?(?!\w))"
)
_SHORT_ROAD = (
    r"(?<=[ (])(?:on|off|off of|near|along|down|at|from|via|to|of|onto|exit)[ ](?P<id>(?:I|US|SR|CR|FM|RM|Route|Rte|Rt|route|rte"
    rf"|{'|'.join(sorted(STATES - {'OR', 'IN', 'PA', 'MA', 'CT', 'OK', 'ME', 'HI', 'MS', 'MI', 'CO', 'LA', 'AL', 'ID', 'DE'}))})"
    rf"[ -]\d{{1,4}}(?![\w./%]){_NEAR})"
)
_CROSSING = (
    r"(?<![\w/])(?:\d{1,3}(?:st|nd|rd|th)(?:[ ](?:St|Ave|Street|Avenue)\.?)?[ ](?:and|&|@)[ ][A-Z][a-z]{2,}"
    r"|[A-Z][a-z]{2,}(?:[ ](?:St|Ave|Rd|Blvd)\.?)?[ ](?:&|@)[ ]\d{1,3}(?:st|nd|rd|th))(?:[ ](?:St|Ave|Rd|Blvd|Street|Avenue)\b)?"
)
_INSTITUTION = re.compile(
    r"(?<![\w'-])(?P<id>(?:[A-Z][A-Za-z&'-]+[ ]){0,3}(?:Center|Centre|Institute|Clinic|Hospital|Specialists|Associates|University"
    r"|Academy|Museum|Physicians|Surgeons|Partners|Manor|Villas|Arms|Gardens|Courtyard|Gables|Arbors|Terrace|Pines|Oaks|Springs)"
    rf"[ ](?:of|at|in)[ ](?:the[ ])?(?P<town>{_TOWN}))"
)
# "St. Jude's": a saint's own is a hospital, school or parish.
_SAINT = re.compile(
    r"(?<![\w'-])(?P<id>(?:St\.?|Saint)[ ][A-Z][a-z]+'s)(?![A-Za-z])(?![ ](?:[Dd]ay|[Ww]ort|[Ff]ire|[Dd]ance|[Dd]isease|[Ee]ve))"
)
_ROAD_WORDS = frozenset(listed("hwy highway interstate road rd route"))
_SHORT_WORDS = frozenset(listed("sr cr fm rm rte rt route") + tuple(map(str.lower, STATES))) - frozenset(
    listed("or in pa ma ct ok me hi ms mi co la al id de")
)
_SHORT_SIGN = re.compile(r"(?:I|US)[ -]\d")
_ORDINALS = frozenset(listed("st nd rd th"))
_INSTITUTIONS = frozenset(
    listed(
        "center centre institute clinic hospital specialists associates university academy museum physicians surgeons partners"
        " manor villas arms gardens courtyard gables arbors terrace pines oaks springs"
    )
)
_NUMBERED = re.compile(rf"(?<![\w.])(?P<id>{_ROAD}{_NEAR})")
_SHORTENED = re.compile(_SHORT_ROAD)
_CROSSED = re.compile(rf"(?P<id>{_CROSSING})")


def roads(view: View) -> Iterator[Candidate]:
    """Roads and crossings, by their form."""
    text, words = view.text, view.vocabulary
    if not _ROAD_WORDS.isdisjoint(words):
        yield from _found(_NUMBERED, text)
    if not _SHORT_WORDS.isdisjoint(words) or _SHORT_SIGN.search(text):
        yield from _found(_SHORTENED, text)
    if not _ORDINALS.isdisjoint(words):
        yield from _found(_CROSSED, text)


def _found(pattern: re.Pattern[str], text: str) -> Iterator[Candidate]:
    for match in pattern.finditer(text):
        yield Candidate(*match.span("id"), "LOCATION", Certainty.LEARNT)


def institutions(view: View) -> Iterator[Candidate]:
    """What is of or at a town that the list of places has, and what a saint's name stands for."""
    towns = word_lists().towns
    if "st" in view.vocabulary or "saint" in view.vocabulary:
        for match in _SAINT.finditer(view.text):
            yield Candidate(*match.span("id"), "LOCATION", Certainty.LEARNT)
    if _INSTITUTIONS.isdisjoint(view.vocabulary):
        return
    for match in _INSTITUTION.finditer(view.text):
        if any(word.lower() in towns for word in re.findall(r"[A-Za-z]+", match["town"])):
            yield Candidate(*match.span("id"), "LOCATION", Certainty.LEARNT)
