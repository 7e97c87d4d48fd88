"""From candidates that may overlap to spans that don't, without uncovering a character that any of them covered."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from services.gateway.deidentify import ENTITY_TYPES
from services.gateway.deidentify.rules import Candidate, Certainty

_RANK = {kind: rank for rank, kind in enumerate(ENTITY_TYPES)}
_EDGES = ' \t\r\n,;:|"()[]<>'
_ADDRESS = re.compile(r"\d|p\.?[ ]?o\.?[ ]?box|rr[ ]|rural|box[ ]", re.IGNORECASE)
_BETWEEN_DATES = frozenset(("and", "or", "to", "at", "through", "thru", "until", "till", "from"))
_WIDEST = 10_000
_BETWEEN_ADDRESS = re.compile(r"[ ]?,?\s{1,3}|,[ ]?")


def merge(text: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates in order and without overlap.

    Of those that overlap a surer one keeps its place and type, and the others keep what is left of them on either side;
    equally sure ones become one, with the type of the longest.
    """
    by_certainty: dict[int, list[Candidate]] = {}
    for each in candidates:
        by_certainty.setdefault(each.certainty, []).append(each)
    kept: list[Candidate] = []
    for certainty in sorted(by_certainty, reverse=True):
        united = _united(by_certainty[certainty])
        kept = _widened(kept, united)
        ends = [each.end for each in kept]
        kept = (
            sorted([*kept, *(part for each in united for part in _beside(text, each, kept, ends))]) if kept else united
        )
    return _joined_addresses(text, kept)


def _united(candidates: list[Candidate]) -> list[Candidate]:
    """Groups of overlapping candidates, each as one."""
    groups: list[list[Candidate]] = []
    end = -1
    for each in sorted(candidates):
        if each.start < end:
            groups[-1].append(each)
        else:
            groups.append([each])
        end = max(end, each.end)
    return [group[0] if len(group) == 1 else _one(group) for group in groups]


def _one(group: list[Candidate]) -> Candidate:
    best = min(group, key=lambda each: (each.start - each.end, _RANK[each.type]))
    return Candidate(group[0].start, max(each.end for each in group), best.type, best.certainty)


def _widened(kept: list[Candidate], others: list[Candidate]) -> list[Candidate]:
    """The surer candidates, each as wide as another of its type that holds it and no other of them. Both are in order."""
    widened: list[Candidate] = []
    starts = [each.start for each in others]
    for place, each in enumerate(kept):
        earliest = widened[-1].end if widened else 0
        latest = kept[place + 1].start if place + 1 < len(kept) else each.end + _WIDEST
        nearest = bisect_right(starts, each.start) - 1  # of those without overlap, no other one can hold it
        if nearest >= 0:
            other = others[nearest]
            holds = each.end <= other.end and other.type == each.type
            if holds and earliest <= other.start and other.end <= latest:
                each = each._replace(start=other.start, end=other.end)
        widened.append(each)
    return widened


def _beside(text: str, candidate: Candidate, kept: list[Candidate], ends: list[int]) -> list[Candidate]:
    """What is left of a candidate beside those that are kept already; what holds no letter or digit is dropped. `ends` are
    those of `kept`, in order.
    """
    start = candidate.start
    parts: list[tuple[int, int]] = []
    for place in range(bisect_right(ends, start), len(kept)):
        other = kept[place]
        if other.start >= candidate.end:
            break
        parts.append((start, other.start))
        start = other.end
    if not parts:
        return [candidate]
    if start < candidate.end:
        parts.append((start, candidate.end))
    left = []
    for begin, end in parts:
        while begin < end and not text[begin].isalnum():
            begin += 1
        while end > begin and text[end - 1] in _EDGES + "/-.":
            end -= 1
        if candidate.type == "DATE" and text[begin:end].lower() in _BETWEEN_DATES:
            continue
        if candidate.certainty == Certainty.GUESSED and not any(map(str.isdigit, text[begin:end])):
            continue  # the label of a code whose kind is known
        if end - begin > 1 or (begin < end and candidate.certainty > Certainty.LEARNT):
            left.append(Candidate(begin, end, candidate.type, candidate.certainty))
    return left


def _joined_addresses(text: str, spans: list[Candidate]) -> list[Candidate]:
    """A street and the city after it are one place."""
    joined: list[Candidate] = []
    for each in spans:
        if joined and each.type == "LOCATION" == joined[-1].type:
            before = joined[-1]
            is_street = _ADDRESS.match(text, before.start, before.end)
            if is_street and _BETWEEN_ADDRESS.fullmatch(text, before.end, each.start):
                joined[-1] = before._replace(end=each.end)
                continue
        joined.append(each)
    return joined
