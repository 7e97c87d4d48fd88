"""All the rules, in one pass each over the view of a text, and then the recogniser's finds, merged."""

import time
from collections.abc import Iterator
from typing import Protocol

from services.gateway.deidentify import Span
from services.gateway.deidentify.merging import merge
from services.gateway.deidentify.rules import Candidate, Certainty, Rule
from services.gateway.deidentify.rules.ages import ages
from services.gateway.deidentify.rules.codes import bare_codes, formed_codes, labelled_ssns
from services.gateway.deidentify.rules.dates_calendar import calendar_dates
from services.gateway.deidentify.rules.dates_named import named_dates
from services.gateway.deidentify.rules.dates_numeric import numeric_dates
from services.gateway.deidentify.rules.emails import email_addresses
from services.gateway.deidentify.rules.hl7 import hl7_segments
from services.gateway.deidentify.rules.internet import ip_addresses, urls
from services.gateway.deidentify.rules.labels import LabelledCodes
from services.gateway.deidentify.rules.learnt import learnt
from services.gateway.deidentify.rules.names import labelled_names, signatures, titled_names
from services.gateway.deidentify.rules.phones import PhoneNumbers
from services.gateway.deidentify.rules.places import places
from services.gateway.deidentify.rules.records import short_records
from services.gateway.deidentify.rules.roads import institutions, roads
from services.gateway.deidentify.rules.spoken import spoken_numbers
from services.gateway.deidentify.rules.tables import paired, tables
from services.gateway.deidentify.rules.users import user_names
from services.gateway.deidentify.rules.vehicles import vehicles
from services.gateway.deidentify.rules.weekdays import short_weekdays
from services.gateway.deidentify.rules.zips import zip_codes
from services.gateway.deidentify.view import View

_TIME_LIMIT_S = 5.0
"""For one text; the rules need well under a millisecond for a text of 300 characters, and grow linearly with it."""


class Recognizer(Protocol):
    """Finds what has no form: names, places, dates in words."""

    def spans(self, text: str) -> list[Span]:
        """Identifiers in `text`; raises on any failure."""
        ...


class SpanFinder:
    """Finds the identifiers of a text. Raises TimeoutError when a text takes longer than it ever should."""

    def __init__(self, recognizer: Recognizer, *, time_limit_s: float = _TIME_LIMIT_S) -> None:
        self._recognizer = recognizer
        self._time_limit_s = time_limit_s
        anywhere: tuple[Rule, ...] = (
            named_dates,
            calendar_dates,
            short_weekdays,
            ages,
            email_addresses,
            urls,
            ip_addresses,
            labelled_names,
            titled_names,
            signatures,
            user_names,
            places,
            institutions,
            tables,
            spoken_numbers,
            hl7_segments,
        )
        in_figures: tuple[Rule, ...] = (
            LabelledCodes(),
            paired,
            PhoneNumbers(),
            labelled_ssns,
            formed_codes,
            bare_codes,
            numeric_dates,
            zip_codes,
            roads,
            short_records,
            vehicles,
        )
        self._anywhere = anywhere
        self._in_figures = in_figures

    def spans(self, shown: View) -> tuple[Span, ...]:
        """Spans in order without overlap, in characters of the input."""
        merged = merge(shown.text, self._candidates(shown))
        if shown.starts is None:
            return tuple(Span(each.start, each.end, each.type) for each in merged)
        return tuple(Span(*shown.to_input(each.start, each.end), each.type) for each in merged)

    def _candidates(self, shown: View) -> Iterator[Candidate]:
        latest = time.monotonic() + self._time_limit_s
        has_digits = any(digit in shown.text for digit in "0123456789")
        found: list[Candidate] = []
        for rule in (*self._anywhere, *self._in_figures) if has_digits else self._anywhere:
            found += rule(shown)
            if time.monotonic() > latest:
                raise TimeoutError("the rules took too long")
        recognized = [
            Candidate(span.start, span.end, span.type, Certainty.LEARNT) for span in self._recognizer.spans(shown.text)
        ]
        yield from found
        yield from learnt(shown, recognized, found)
