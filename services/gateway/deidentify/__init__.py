"""De-identification: takes identifiers out of text before it goes anywhere. It fails closed.

`Engine` is the seam that an implementation fills; `pool.DeidentifierPool` runs engines off the event loop and is the
`Deidentifier` that the application sees.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

# Every type there is, the more telling first: it decides between two that cover the same characters.
ENTITY_TYPES = (
    "PERSON",
    "LOCATION",
    "ZIP_CODE",
    "DATE",
    "AGE",
    "PHONE_NUMBER",
    "EMAIL_ADDRESS",
    "US_SSN",
    "MEDICAL_RECORD_NUMBER",
    "URL",
    "IP_ADDRESS",
    "ID",
)
# Goes into every audit record; change it with anything that changes what is taken out or how.
POLICY_VERSION = "safe-harbor-1"


@dataclass(frozen=True, order=True)
class Span:
    """Characters start..end (end excluded) of the input hold an identifier of this type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, repr=False)
class Deidentified:
    """A text with each identifier replaced by its type, `<PERSON>`; the spans count in characters of the input."""

    text: str
    spans: tuple[Span, ...]

    def counts(self) -> Counter[str]:
        """How many identifiers of each type were taken out."""
        return Counter(span.type for span in self.spans)


class DeidentificationError(Exception):
    """A text could not be de-identified: nothing of the request may be forwarded. Holds no text."""


class LanguageRefused(Exception):
    """A text is in a language that can't be de-identified. Holds no text."""


class Engine(Protocol):
    """De-identifies one text at a time; used by one thread at a time."""

    def deidentify(self, text: str) -> Deidentified:
        """The text without its identifiers; raises LanguageRefused, or anything else on failure."""
        ...


class Deidentifier(Protocol):
    """What the application uses."""

    @property
    def ready(self) -> bool:
        """Whether every engine is loaded."""
        ...

    async def load(self) -> None:
        """Load the engines; DeidentificationError when that fails."""
        ...

    async def deidentify(self, texts: Sequence[str], *, deadline: float) -> list[Deidentified]:
        """All texts, in order, before `deadline` (monotonic clock, seconds).

        Raises:
            LanguageRefused: a text is not in English.
            DeidentificationError: anything else, a missed deadline and unloaded engines included.
        """
        ...

    def close(self) -> None:
        """Let go of the threads."""
        ...


def replace(text: str, spans: Iterable[Span]) -> Deidentified:
    """`text` with spans, which may overlap, replaced by type."""
    merged = merge(spans)
    parts: list[str] = []
    position = 0
    for span in merged:
        parts += (text[position : span.start], f"<{span.type}>")
        position = span.end
    return Deidentified("".join((*parts, text[position:])), merged)


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order without overlaps, covering all that any covered; what overlaps takes the longest one's type."""
    groups: list[list[Span]] = []
    end = -1
    for span in sorted(spans):
        if span.start < end:
            groups[-1].append(span)
        else:
            groups.append([span])
        end = max(end, span.end)
    return tuple(
        Span(group[0].start, max(span.end for span in group), min(group, key=_precedence).type) for group in groups
    )


def _precedence(span: Span) -> tuple[int, int]:
    return span.start - span.end, ENTITY_TYPES.index(span.type)
