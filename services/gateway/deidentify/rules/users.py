"""User names and handles, which are names of persons: "user: jlopez3", "@jonahpdoom", "logged in as sokafor"."""

import re
from collections.abc import Iterator

from services.gateway.deidentify.rules import Candidate, Certainty, listed
from services.gateway.deidentify.view import View
from services.gateway.deidentify.vocabulary import CLINICAL_WORDS, COMMON_WORDS

_FIRST = frozenset(
    listed(
        "username user userid usr uid login log logon logged screen screenname handle account mychart "
        "portal network sign signon instagram facebook twitter snapchat tiktok skype discord ig reddit "
        "venmo uname"
    )
)
_LABEL = (
    r"(?:user ?name|user[ _-]?id|userid|user|usr|uname|uid|login|log-in|logon|log in|logged (?:in|on"
    r"|in by)(?: as)?|screen ?name|handle|account name|mychart (?:id|name|user(?:name)?)|portal (?:id"
    r"|user(?:name)?)|network id|sign-?on|instagram|facebook|twitter"
    r"|snapchat|tiktok|skype|discord|ig|reddit|venmo)(?![a-z])(?:[ ](?:name|id|handle|account))?"
)
_ID = r"(?P<id>[a-z0-9][a-z0-9._-]{1,38}[a-z0-9])(?![\w@/])"
_TOLD = re.compile(rf"{_LABEL}(?:[ ](?:is|was|as))?[ ]?[:=|][ ]?[('\"]{{0,2}}@?{_ID}")
_LIKE = re.compile(
    rf"{_LABEL}(?:[ ](?:is|was|as))?[ ][('\"]{{0,2}}@?(?=[a-z._-]{{0,24}}[\d._]"
    rf"|[a-z]{{0,2}}[b-df-hj-np-tv-xz]{{3}}){_ID}"
)
_AT = re.compile(r"(?<![\w.@/])@(?P<id>[a-z][a-z0-9._]{1,38}[a-z0-9_])(?!\w|@)")
_NEVER = (
    CLINICAL_WORDS
    | COMMON_WORDS
    | frozenset(
        (
            "failed",
            "success",
            "error",
            "attempt",
            "created",
            "password",
            "support",
            "interface",
            "access",
            "account",
            "portal",
        )
    )
)


def user_names(view: View) -> Iterator[Candidate]:
    """Names of accounts of persons."""
    lower = view.lower
    if not _FIRST.isdisjoint(view.vocabulary):
        for word, start in view.words:
            if (
                word in _FIRST
                and (match := _TOLD.match(lower, start) or _LIKE.match(lower, start))
                and match["id"] not in _NEVER
            ):
                yield Candidate(*match.span("id"), "PERSON", Certainty.LABELLED)
    if "@" in lower:
        for match in _AT.finditer(lower):
            yield Candidate(*match.span("id"), "PERSON", Certainty.FORMED)
