"""URLs, IP addresses and MAC addresses."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty
from services.gateway.deidentify.view import View

_REST = r"[^\s<>\"{}|\\^`\[\]]{0,2000}"
_TOP = (
    r"(?:com|org|net|edu|gov|mil|io|info|health|care|clinic|app|dev|ai|co|biz|ca|uk|us|eu|de|fr|test"
    r"|example|invalid|localhost|local|internal)"
)
_SCHEME = re.compile(rf"(?:h(?:tt|xx)ps?|s?ftp|file|wss?|tel|mailto):/{{0,3}}(?=[\w\[]){_REST}|www\d?\.(?=\w){_REST}")
_HOST = re.compile(
    rf"(?<![\w@.\-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,6}}{_TOP}(?![\w-]"
    rf"|\.[a-z0-9])(?::\d{{2,5}})?(?:[/?#]{_REST})?"
)
_SHORT = re.compile(
    rf"(?<![\w@.\-])(?:bit\.ly|t\.co|goo\.gl|tinyurl\.com|youtu\.be|fb\.me|wa\.me|t\.me|g\.co|zoom\.us)/{_REST}"
)
_SIGN = re.compile(r"\.(?<=[a-z0-9]\.)[a-z]{2}|:(?=//)|:(?<=tel:)|:(?<=mailto:)|/(?<=://)")
_TRAILING = ".,;:!?)'*_~"


def urls(view: View) -> Iterator[Candidate]:
    """Internet addresses with a scheme, with `www.`, or as a bare host name with a common ending."""
    lower = view.lower
    if not _SIGN.search(lower):
        return
    for pattern in (_SCHEME, _HOST, _SHORT):
        for match in pattern.finditer(lower):
            end = match.start() + len(match[0].rstrip(_TRAILING))
            if (
                ")" in match[0]
                and match[0].count("(") == match[0].count(")")
                and match[0].rstrip(".,;:!?").endswith(")")
            ):
                end = match.start() + len(match[0].rstrip(".,;:!?"))
            if view.text[match.start() : end].istitle() and pattern is _HOST and match[0].count(".") == 1:
                continue  # "… resolved.Care was good": a blank is missing after the sentence
            yield Candidate(match.start(), end, "URL", Certainty.LABELLED)


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = re.compile(rf"(?<![\d.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\d|\.\d)")
_VERSION = re.compile(
    r"(?:(?<![a-z])v|version|ver\.?|release|rev\.?|revision|build|firmware|software|fw|sw|section|sec\.?|§)[ :]{0,2}\Z"
)
_V6 = re.compile(r"(?<![\w.])(?<![0-9a-f:]:)(?=[0-9a-f]{0,4}:)(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])")
_V6_SHORT = re.compile(
    r"(?<![\w.])(?<![0-9a-f:]:)(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?::(?:[0-9a-f]{1,4}"
    r"(?::[0-9a-f]{1,4}){0,6}(?:(?:\.\d{1,3}){3})?)?(?:%\w{1,12})?(?![\w:])"
)
_MAC = re.compile(
    r"(?<![\w.-])(?<![0-9a-f]:)(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5,7}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5,7}"
    r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:-])"
)
_COLONS, _DASHES = re.compile(":[0-9a-f]{1,4}:"), re.compile("-[0-9a-f]{2}-")
"""What every address of that form has, and few other texts."""
_DOTTED_MAC = re.compile(r"\.[0-9a-f]{4}\.")
_MAC_RUN = re.compile(r"(?<![a-z])mac(?:[ ]?(?:address|addr|id))?[ ]?(?:is|[:=#])?[ ]?(?P<id>[0-9a-f]{12})(?!\w)")


def ip_addresses(view: View) -> Iterator[Candidate]:
    """IPv4, IPv6 and MAC addresses; a version number of four parts is none."""
    lower = view.lower
    if lower.count(".") >= 3:
        for digits, start in view.numbers:
            if len(digits) > 3 or lower[start + len(digits) : start + len(digits) + 1] != ".":
                continue
            if (match := _V4.match(lower, start)) and not _VERSION.search(lower, max(0, start - 12), start):
                yield Candidate(*match.span(), "IP_ADDRESS", Certainty.LABELLED)
    colons = lower.count(":")
    if "::" in lower or (colons > 6 and _COLONS.search(lower)):
        for pattern in (_V6, _V6_SHORT):
            for match in pattern.finditer(lower):
                if sum(each.isalnum() for each in match[0]) > 1 or match[0] == "::1":
                    yield Candidate(*match.span(), "IP_ADDRESS", Certainty.LABELLED)
    if (
        (colons > 4 and _COLONS.search(lower))
        or (lower.count("-") > 4 and _DASHES.search(lower))
        or _DOTTED_MAC.search(lower)
    ):
        for match in _MAC.finditer(lower):
            yield Candidate(*match.span(), "IP_ADDRESS", Certainty.LABELLED)
    if "mac" in lower:
        for match in _MAC_RUN.finditer(lower):
            yield Candidate(*match.span("id"), "IP_ADDRESS", Certainty.LABELLED)
