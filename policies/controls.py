"""The Security Rule's standards and implementation specifications, read from hipaa.yaml."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

CONTROLS_FILE = Path(__file__).parent / "hipaa.yaml"


class Decided(StrEnum):
    """How far code can decide a control."""

    IAC = "iac"
    PARTIAL = "partial"
    INHERITED = "inherited"
    ORGANISATIONAL = "organisational"


@dataclass(frozen=True, kw_only=True)
class Control:
    """One row of the rule. `obligation` is required or addressable; `reason` says what code cannot show."""

    id: str
    title: str
    kind: str
    obligation: str
    decided: Decided
    reason: str


def load_controls(path: Path = CONTROLS_FILE) -> tuple[Control, ...]:
    """Every row, in the order of the rule."""
    return tuple(Control(**{**row, "decided": Decided(row["decided"])}) for row in yaml.safe_load(path.read_text()))
