"""Codes that a label tells the kind of: "MRN: 00482913", "policy no. W2281 90447", "driver's license (WI) S530-4218-9907".

The words of a text are looked up among the labels' first words; a pattern is tried only where one stands.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.rules.label_words import BRANDED, PLAIN, STRONG, WEAK
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import STATE_NAMES, STATES

_GAP = r"[ \t\n_\-./']{0,2}"
_NOUN = (
    r"(?:[ \t]?[-_/.]?[ \t]?(?:(?:numbers?|num|nbr|nos?|nrs?|identification|identifiers?|ids?|codes?)(?![a-z])\.?|\#))"
)
_ASIDE = r"(?:[ \t]?\([a-z\#./ ]{1,24}\))?"
_VERB = (
    r"(?:(?:[ \t]+(?:at|from|in|with|for|on)(?:[ ][a-z][a-z.'&-]{0,14}){1,5}?)?"
    r"[ \t]+(?:is|was|are|of|as|reads|on file|verified(?: as)?|assigned|listed as|ending(?: in)?|ends in)(?![a-z])"
    r"|[ \t]+(?:at|from|in|with|for|on)(?:[ ][a-z][a-z.'&-]{0,14}){1,5}?(?=[ ]?[:=]))?"
)
_SPACE = r"[\"']?[ \t]{0,8}[:=\#|>.?(\u2192-]{0,2}[ \t]{0,8}\n?[ \t]{0,8}[\#(\"']?"
_SIGN = r"[ \t]{0,8}[:=\#|>(\n-]"
_STATE = (
    rf"(?:(?:{'|'.join(sorted(STATE_NAMES))}|(?:{'|'.join(sorted(STATES)).lower()})(?=[ "
    rf"](?!\d{{3,4}}(?![\w-]))))[ ]{{1,2}})?"
)

_AMOUNT = (
    r"(?:[- ]?(?:mg|mcg|ug|g|gm|kg|ml|l|dl|cc|cm|mm|units?|iu|meq|mmol|mmhg|bpm|lbs?|hours?|hrs?|days?|weeks?|wks?"
    r"|months?|mos?|years?|yrs?|yo|y\.o|y/o|minutes?|mins?|am|pm|x\d?|times|beats?|tab(?:let)?s?"
    r"|cap(?:sule)?s?|st|nd|rd|th)(?![a-z0-9])|-?[dfhmwy](?![a-z0-9-]))"
)
_NO_UNIT = rf"(?![\w%]|[-./]\d|{_AMOUNT}|[ ]?%)"
# Not where a date, a year, an amount or a decimal fraction stands.
_NOT = (
    r"(?!(?<=\n)(?:[01]\d|2[0-3])[0-5]\d(?![\w-])|(?:(?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])[-./](?:19|20)?\d\d|(?:19"
    r"|20)\d\d[-./]\d{1,2}[-./]\d{1,2})(?!\w)|"
    r"(?:19|20)\d\d(?:-(?:19|20)?\d\d)?(?![\w-])|\d{1,3}\.\d{1,3}(?![\w.-])"
    rf"|\d{{1,3}}/\d{{1,3}}(?![\w/-])|\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.])|\d{{1,4}}{_AMOUNT}|\d{{1,2}}[-/]?[a-z]{{3,9}}[-/]?(?:19|20)?\d\d(?!\w))"
)
# Groups of digits with blanks ("44 71 90 2"), letters and digits ("HKR 4471"), one token with inner punctuation.
_NO_WORD = (
    r"(?!(?:for|of|on|in|to|at|as|is|was|no|per|and|or|the|by|dob|age|exp|mrn|ssn|x|a|pt|room|bed|ext"
    r"|from|end|ends|jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|md|do|rn|np|with|will|has"
    r"|lkw|lkn|eta|toa|tod|hr|rr|bp|he|she|csn|fin|har|id|no|num|sn|dl|npi|dea|mbi|vin|acct|lic|grp|bin|pcn|ref|lot)[ ])"
)
_GROUPS = (
    rf"(?:(?=[a-z ]{{0,6}}(?:[ ]?\d){{4}})(?:{_NO_WORD}[a-z]{{1,4}}(?:[ ]?\d{{1,10}}(?:[ "
    rf"]\d{{1,7}}){{1,4}})|\d{{2,4}}(?:[ ]\d{{1,4}}){{1,5}})"
    r"|\d{2}[ -]\d{6}[ -]\d{6}[ -]\d|\d(?:[ ]\d){5,11}(?![ ]?\d)"
    r"|\d{5,7}(?:[ ]\d{2,7}){1,3}(?=[,.;)|\n]|\s*\Z))" + _NO_UNIT
)
_PAIR = rf"{_NO_WORD}(?:[a-z]{{1,5}}|[a-z]{{1,3}}(?:[.-][a-z]{{0,3}}){{1,3}})[ ]\d{{3,10}}[a-z]?{_NO_UNIT}"
_NEXT_LABEL = r"(?:dea|npi|lic|upin|mrn|ssn|dob|acct|fin|csn|id|sn)(?![a-z])"
_TOKEN = rf"(?=[a-z./_-]{{0,11}}\d){_NOT}[a-z0-9](?:[a-z0-9]|[-._*](?=[a-z0-9])|/(?=[a-z0-9])(?!{_NEXT_LABEL})){{3,40}}(?![a-z0-9])"
_PLATE = (
    r"(?=[a-z]{0,3}\d)[a-z0-9]{1,4}[ -](?=[a-z]{0,3}\d)[a-z0-9]{1,4}(?![\w-])|\d{1,4}[ "
    r"-][a-z]{1,4}\d{0,4}(?<! is)(?<! on)(?<! in)(?<! of)(?<! at)(?<! to)(?<!and)(?<!was)(?![\w-])"
)
_OTHER_ONE = r",[ ](?:and[ ])?(?:new|old|other|previous|current)[ ](?:one|number)[ ](?:is[ ]|was[ ])?"
_MORE = rf"(?:{_OTHER_ONE}|[ ]?[,&/][ ]?|[ ]?,?[ ]?(?:and|or)[ ])(?:\#[ ]?)?(?P<id>{_TOKEN})"

_PAYER = re.compile(r"[a-z]{0,2}\d{3,5}")
_NAMES_ALONE = frozenset(
    ("mrn", "mrns", "ssn", "npi", "npis", "dea", "vin", "vins", "udi", "mbi", "hicn", "tag", "plate")
)
# Of these everybody has the same.
_SHARED = re.compile(
    r"(?<![a-z])(?:payer|payor|model|product|catalog|item|part|ndc|trial|protocol|nct|pmid|gene"
    r"|variant|snomed|template)[ ]\Z"
)

_INSURER = re.compile(
    r"(?<![a-z])(?:insur(?:ance|ed|er)|ins|carrier|payer|payor|plan|uhc|aetna|cigna|humana|anthem|bcbs|kaiser|tricare"
    r"|medicaid|medicare|blue (?:cross|shield)|molina|ppo|hmo)(?![a-z])[:,]?[ ](?:[a-z]{2,12}[:,]?[ ]){0,2}\Z"
)
_GROUP_AFTER = re.compile(r"[,;. \t]{1,4}(?:rx[ ]?)?(?:grp|group|gp)(?![a-z])")
_STATE_BEFORE = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(sorted(STATES))})[ ]\Z")
_CODE = rf"{_GROUPS}|{_PAIR}|{_TOKEN}"
_WITH_STATE = ("LICENSE_NUMBER", "VEHICLE_ID")


class _Labels(NamedTuple):
    """The labels of one type and strength that begin with one word, and the code that has to follow them."""

    type: str
    label: re.Pattern[str]
    code: re.Pattern[str]


class LabelledCodes:
    """Holds the labels by their first word."""

    def __init__(self) -> None:
        self._labels: dict[str, list[_Labels]] = defaultdict(list)
        self._more = re.compile(_MORE)
        for following, table in ((_strong, STRONG), (_weak, WEAK), (_plain, PLAIN), (_branded, BRANDED)):
            for kind, labels in table.items():
                code = re.compile(following(kind))
                phrases: dict[str, list[str]] = defaultdict(list)
                for label in labels:
                    phrases[label.split()[0].rstrip("#")].append(label)
                for word, group in phrases.items():
                    self._labels[word].append(_Labels(kind, re.compile(_any_of(group)), code))

    def __call__(self, view: View) -> Iterator[Candidate]:
        """Every labelled code."""
        lower = view.lower
        end = 0
        for word, start in view.words:
            if (
                start < end
                or word not in self._labels
                or (start and (lower[start - 1].isdigit() or lower[max(0, start - 3) : start] == "mg/"))
            ):
                continue
            for labels in self._labels[word]:
                label = labels.label.match(lower, start)
                match = labels.code.match(lower, label.end()) if label else None
                if (
                    match
                    and labels.type == "HEALTH_PLAN_NUMBER"
                    and word in ("payer", "payor")
                    and _PAYER.fullmatch(match["id"])
                ):
                    break  # EDI numbers of insurers, which everybody has
                shared = labels.type == "ID" and word not in ("subject", "participant")
                if match and shared and _SHARED.search(lower, max(0, start - 16), start):
                    break
                while match:
                    first, last = match.span("id")
                    if (
                        label
                        and first - label.end() < 2
                        and lower[label.end() - 1].isalpha()
                        and lower[label.end() : first] in ("", "-", "_")
                        and label.end() - start < 6
                        and word not in _NAMES_ALONE
                    ):
                        first = start  # SN-8438-1767, CASE-2022-118: the label is a part of the code
                    if labels.type == "LICENSE_NUMBER" and lower[first:last].isdigit():
                        before = _STATE_BEFORE.search(view.text, max(0, first - 4), first)
                        first = before.start() if before else first  # "ME 0088214": it may be a part of the number
                    of_insurer = labels.type == "ID" and word == "id" and _of_insurer(lower, start, last)
                    kind = "HEALTH_PLAN_NUMBER" if of_insurer else labels.type
                    yield Candidate(first, last, kind, Certainty.LABELLED)
                    end = last  # no label stands inside of a code
                    label = None
                    match = self._more.match(lower, match.end("id"))


def _of_insurer(lower: str, start: int, end: int) -> bool:
    """Whether an insurer or a group stands beside: "Insurance: UHC, ID 94471902801", "ID QKN3017742801, grp 10084411"."""
    before = _INSURER.search(lower, max(0, start - 32), start)
    return before is not None or _GROUP_AFTER.match(lower, end) is not None


def _any_of(labels: list[str]) -> str:
    texts = sorted((_GAP.join(map(re.escape, label.split())) for label in labels), key=len, reverse=True)
    return rf"(?:{'|'.join(texts)})(?![a-z])"


def _value(kind: str) -> tuple[str, str]:
    """What may stand before the code, and the code."""
    return _STATE if kind in _WITH_STATE else "", rf"{_PLATE}|{_CODE}" if kind == "VEHICLE_ID" else _CODE


def _strong(kind: str) -> str:
    state, code = _value(kind)
    noun = rf"(?:{_NOUN}|[ \t](?:ref(?:erence)?|enrol(?:l)?ment)(?![a-z])\.?)" if kind == "BIOMETRIC_ID" else _NOUN
    return rf"{noun}{{0,2}}{_ASIDE}{_VERB}{_SPACE}{state}(?P<id>{code})"


def _weak(kind: str) -> str:
    state, code = _value(kind)
    told = rf"(?:{_NOUN}{{1,2}}{_ASIDE}{_VERB}|{_VERB}{_ASIDE}(?={_SIGN}))"
    return rf"{told}{_SPACE}{state}{_NOT}(?P<id>{code}){_NO_UNIT}"


def _plain(kind: str) -> str:
    state, code = _value(kind)
    return (
        rf"{_NOUN}{{0,2}}{_ASIDE}{_SPACE}{state}{_NOT}(?P<id>(?=(?:[a-z._/ -]{{0,9}}\d){{3}})"
        rf"(?:{code})){_NO_UNIT}"
    )


def _branded(kind: str) -> str:
    """With the name of a maker or insurer between: "Device: Medtronic NPV-610-2238"."""
    return (
        rf"{_SPACE}(?:[a-z][a-z.'&-]{{1,15}}[ ]){{1,3}}?{_NOT}(?P<id>(?=(?:[a-z._/ "
        rf"-]{{0,6}}\d){{4}})(?:{_CODE})){_NO_UNIT}"
    )
