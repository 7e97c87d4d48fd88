"""What a rule can come to, for one resource."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The six outcomes. Only COMPLIANT is evidence; UNKNOWN and INHERITED never count as COMPLIANT."""

    COMPLIANT = "compliant"
    VIOLATION = "violation"
    WAIVED = "waived"
    UNKNOWN = "unknown"
    INHERITED = "inherited"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, kw_only=True)
class Inheritance:
    """A service that the stack lacks because it declares that somebody else runs it for the account."""

    service: str
    by: str
    answers: str

    def __str__(self) -> str:
        return f"inherited: {self.by}, {self.answers} answers for it"


@dataclass(frozen=True)
class Verdict:
    """An outcome and why: what is wrong (violation, waived), what is not known, or why the rule does not apply."""

    outcome: Outcome
    messages: tuple[str, ...] = ()
    inheritance: Inheritance | None = None
