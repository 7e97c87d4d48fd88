"""Why a change that no rule notices is none that a rule must notice, or that none can yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path as File

import yaml


class Kind(StrEnum):
    """EQUIVALENT is as safe as before, IMPOSSIBLE is refused by the API itself, GAP is a limit of the rules."""

    EQUIVALENT = "equivalent"
    IMPOSSIBLE = "impossible"
    GAP = "gap"


@dataclass(frozen=True)
class Reason:
    """One reason, and patterns of the changes that survive for it."""

    kind: Kind
    because: str
    changes: tuple[str, ...]

    def patterns(self, change: str) -> Iterable[str]:
        """The patterns that fit a change, such as `Role rules: emptied`."""
        return (pattern for pattern in self.changes if fnmatchcase(change, pattern))


def load() -> tuple[Reason, ...]:
    """The reasons in the order in which they are tried: the first that fits counts."""
    text = (File(__file__).parent / "survivors.yaml").read_text()
    return tuple(Reason(Kind(item["kind"]), item["because"], tuple(item["changes"])) for item in yaml.safe_load(text))


def reason_of(change: str, reasons: Iterable[Reason]) -> Reason | None:
    """The first reason that fits."""
    return next((reason for reason in reasons if any(reason.patterns(change))), None)
