"""Telephone and fax numbers."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View

_PHONE_WORDS = (
    r"tele?phones?|phones?|phn|ph|tel|telephone|cell(?:ular|phone)?s?|mobiles?|mob|pagers?|beepers?"
    r"|call(?:ed|ing|back)?|callback|c/b|text(?:ed)?|messaged|voicemail|vm"
    r"|landline|hotline|helpline|dial|ring|reach|contact|home|work|office|direct|main|desk"
    r"|ext(?:ension)?|whatsapp|page|paged|p|t|c|h|w|o|m"
)
_FAX_WORDS = r"(?:e-?|tele)?fax(?:es|ed|ing)?|facsimiles?|telefacsimile|f"
# In the 60 characters before a number the last of these words says what it is.
_SAYS = re.compile(rf"(?<![a-z])(?:(?P<fax>{_FAX_WORDS})|(?:{_PHONE_WORDS}))(?![a-z])")
_FAX_AFTER = re.compile(
    r"[ \t]{0,2}[(\[,/-]{0,2}[ \t]{0,2}(?:fax|facsimile|f)(?![a-z])(?!ax)[)\]]?(?![ \t]?(?:[:#=]|no\b"
    r"|num|is\b|to\b|\+?[(]?\d))"
)
_PHONE_AFTER = re.compile(r"[ \t]{0,2}[(\[][ \t]?(?:cell|mobile|phone|home|work|office|tel|h|c|w|m|o|p)(?![a-z])")
_EXT = r"(?:[ \t]?[,;]?[ \t]?(?:x|ext\.?|extn\.?|extension|\#)[ \t:.]{0,2}\d{1,6}(?!\d))?"
_END = r"(?![\d]|[-.]\d|[ ]?(?:mg|mcg|ml|units?|iu|kcal|cells?|cc|copies|%)(?![a-z]))"
_TEN = re.compile(
    rf"(?:\+?1[-. ]{{0,2}})?(?:\(\d{{3}}\)[-. /]{{0,2}}|\d{{3}}[-./ \n]{{1,2}}|\d{{3}}[ ]-[ "
    rf"])\d{{3}}(?:[-. \n]{{1,2}}|[ ]-[ ])\d{{4}}{_EXT}{_END}"
)
_RUN = re.compile(rf"(?:\+?1[-. ]?)?(?:[2-9]\d{{2}}|\([2-9]\d{{2}}\)[ ]?)[2-9]\d{{6}}(?!\w){_EXT}")
_FOREIGN = re.compile(
    r"(?:\+|00(?=[1-9]))(?=(?:\D{0,2}\d){8})[1-9]\d{0,2}(?:[-. ]?\(\d{1,4}\))?(?:[-. /]?\d{1,4}){2,6}(?!\d)" + _EXT
)
_SEVEN = re.compile(rf"[2-9]\d{{2}}[-.]\d{{4}}{_EXT}{_END}")
_WORDED = re.compile(r"1?[-. ]?8[0-8]\d-(?=[a-z0-9-]{0,9}[a-z])[a-z0-9]{2,8}(?:-[a-z0-9]{2,8}){0,2}(?![a-z0-9])")
_SAME = re.compile(r"[ ]?(?:,|&|and|or)[ ]?")
# Ph/Fax: 614-555-0148 / 614-555-0149
_BOTH = re.compile(r"(?<![a-z])(?:phone|ph|tel|p|t)[ ]?[/&][ ]?(?:fax|f)[.:#=]{0,2}[ ]?\Z")
_SLASH = re.compile(r"[ ]?[/,;|][ ]?")
_RANGE = re.compile(
    r"(?:range|ref|reference|normal|between|nl|limits?|count|wbc|plt|platelets?|dose|years?)[^a-z\n]{0,12}\Z"
)
_FIRST = frozenset(
    listed(
        "fax efax e facsimile telephone telphone phone ph tel cell mobile pager pagers paged beeper "
        "callback call ext extension x spectralink vocera"
    )
)
_LABELLED = re.compile(
    r"(?<![a-z])(?:(?P<fax>(?:e-?)?fax|facsimile)|tele?phone|phone|ph|tel|cell|mobile|pager|pagers"
    r"|paged|beeper|callback|call back|ext|extension|x(?=\d{3})|spectralink|vocera)(?![a-z])\.?"
    r"(?:[ \t]?(?:numbers?|num|no|nr|\#|id)(?![a-z])\.?)?(?:[ \t]+(?:is|was|at|on|to|me|him|her"
    r"|number))?[ \t]?[:=\#]?[ \t]?"
    r"(?P<id>(?!\d{1,3}\.\d|\d{1,3}(?!\d)(?![ ().\-/]{1,2}\d{3}))\+?\(?\d(?:[ "
    r"().\-/]{0,2}\d){2,16})(?![\w%]|[-/.]\d|[ ]?(?:mg|ml|min|hours?|days?|weeks?|times|am"
    r"|pm)(?![a-z]))"
)
_EXTENSION = re.compile(
    r"(?:ext(?:ension|n)?\.?(?:[ ](?:no\.?|number))?[ :]{1,2}(?=\d{3})|ext\.[ ])(?P<id>\d{2,5})"
    r"(?![\w/%\N{DEGREE SIGN}]|[-.]\d|[ ]?deg)"
)
_EXTENSIONS = frozenset(("ext", "extn", "extension"))
_JOINT = re.compile(
    r"(?<![a-z])(?:flex(?:ion)?|hip|knee|neck|elbow|wrist|rom|lumbar|trunk|shoulder)(?![a-z])[^\n]{0,24}\Z"
)
"""Before an extension of so many degrees."""


class PhoneNumbers:
    """Phone and fax numbers of North America and of elsewhere; the words around tell the one from the other."""

    def __call__(self, view: View) -> Iterator[Candidate]:
        lower = view.lower
        end, kind = 0, "PHONE_NUMBER"
        both: re.Match[str] | None = None
        for digits, start in view.numbers:
            if len(digits) < 3 and (not start or lower[start - 1] != "+") and lower[start : start + 1] != "1":
                continue
            while start and lower[start - 1] in "+(" and start > end:
                start -= 1
            if start < end or (start and (lower[start - 1].isalnum() or lower[start - 1] in "_@=/$")):
                continue
            if start and lower[start - 1] in "-." and start > 1 and lower[start - 2].isdigit():
                continue
            if match := self._number(lower, start):
                before, end = end, match.end()
                if both and _SLASH.fullmatch(lower, before, start):
                    kind = "FAX_NUMBER"
                elif not (before and _SAME.fullmatch(lower, before, start)):
                    kind = _kind(lower, before, start, end)
                if both := _BOTH.search(lower, max(0, start - 16), start):
                    kind = "PHONE_NUMBER"
                yield Candidate(start, end, kind, Certainty.FORMED)
        for word, start in view.words:
            if (
                word in _EXTENSIONS
                and (match := _EXTENSION.match(lower, start))
                and not _JOINT.search(lower, max(0, start - 36), start)
            ):
                yield Candidate(*match.span("id"), "PHONE_NUMBER", Certainty.FORMED)
            if (
                word not in _FIRST
                or view.text[start : start + 2] == "pH"
                or not (match := _LABELLED.match(lower, start))
                or (word == "ph" and sum(map(str.isdigit, match["id"])) < 7)  # PH 7.4
            ):
                continue
            kind = "FAX_NUMBER" if match["fax"] else _kind(lower, 0, *match.span("id"))
            first, last = match.span("id")
            yield Candidate(first - (word == "x"), last, kind, Certainty.FORMED)

    @staticmethod
    def _number(lower: str, start: int) -> re.Match[str] | None:
        for pattern in (_TEN, _RUN, _FOREIGN, _WORDED):
            if match := pattern.match(lower, start):
                return match
        match = _SEVEN.match(lower, start)
        return None if match and _RANGE.search(lower, max(0, start - 24), start) else match


def _kind(lower: str, before: int, start: int, end: int) -> str:
    """Fax or phone, by what is said right after the number, or last on its line since `before`, where another ends."""
    if _FAX_AFTER.match(lower, end):
        return "FAX_NUMBER"
    if _PHONE_AFTER.match(lower, end):
        return "PHONE_NUMBER"
    said: re.Match[str] | None = None
    for each in _SAYS.finditer(lower, max(before, lower.rfind("\n", 0, start), start - 60), start):
        said = each
    return "FAX_NUMBER" if said is not None and said["fax"] else "PHONE_NUMBER"
