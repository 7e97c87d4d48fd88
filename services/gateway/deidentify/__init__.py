"""De-identification: takes identifiers out of text before it goes anywhere. It fails closed.

`Engine` is the seam that an implementation fills (`engine.TextEngine`); `pool.DeidentifierPool` runs engines off the
event loop and is the `Deidentifier` that the application sees. What becomes of an identifier is the policy's choice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.http.randomness import random_bytes

ENTITY_TYPES = (
    "PERSON",
    "LOCATION",
    "ZIP_CODE",
    "DATE",
    "AGE",
    "PHONE_NUMBER",
    "FAX_NUMBER",
    "EMAIL_ADDRESS",
    "US_SSN",
    "MEDICAL_RECORD_NUMBER",
    "HEALTH_PLAN_NUMBER",
    "ACCOUNT_NUMBER",
    "LICENSE_NUMBER",
    "VEHICLE_ID",
    "DEVICE_ID",
    "URL",
    "IP_ADDRESS",
    "BIOMETRIC_ID",
    "ID",
)
"""The identifiers of 45 CFR 164.514(b)(2)(i) that text can hold; of two types for the same characters the earlier wins."""


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """Characters start..end (end excluded) of the input hold an identifier of this type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, repr=False)
class Deidentified:
    """A text with each identifier taken out as the policy says; the spans count in characters of the input."""

    text: str
    spans: tuple[Span, ...]

    def counts(self) -> Counter[str]:
        """How many identifiers of each type were taken out."""
        return Counter(span.type for span in self.spans)


@dataclass(frozen=True, repr=False)
class Scope:
    """Within what surrogates and shifted dates agree: texts with equal scopes get equal ones."""

    conversation: str
    """Of surrogates: any id of the request or conversation; it goes into a keyed hash only."""
    subject: str = ""
    """Of date shifts: the person that the texts are about; empty for one offset a conversation."""

    @classmethod
    def of_its_own(cls) -> "Scope":
        """One that agrees with no other."""
        return cls(random_bytes(16).hex())


class DeidentificationError(Exception):
    """A text could not be de-identified: nothing of the request may be forwarded. Holds no text."""


class LanguageRefused(Exception):
    """A text is in a language that can't be de-identified. Holds no text."""


class Engine(Protocol):
    """De-identifies one text at a time; used by one thread at a time."""

    def deidentify(self, text: str, scope: Scope | None = None) -> Deidentified:
        """The text without its identifiers; raises LanguageRefused, or anything else on failure.

        Without a scope the text is one of its own: it agrees with no other text.
        """
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

    async def deidentify(
        self, texts: Sequence[str], *, deadline: float, scope: Scope | None = None
    ) -> list[Deidentified]:
        """All texts, in order, before `deadline` (monotonic clock, seconds); without a scope they are one of their own.

        Raises:
            LanguageRefused: a text is not in English.
            DeidentificationError: anything else, a missed deadline and unloaded engines included.
        """
        ...

    def close(self) -> None:
        """Let go of the threads."""
        ...
