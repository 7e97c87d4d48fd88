"""The Security Rule's standards and implementation specifications, read from hipaa.yaml, and what a profile makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from policies.entries import read_yaml
from policies.errors import PolicyError
from policies.rules.rule import Strength

CONTROLS_FILE = Path(__file__).parent / "hipaa.yaml"
PROFILES_FOLDER = Path(__file__).parent / "profiles"
IN_FORCE = "rule"
"""The profile of the rule as it stands, which changes nothing."""


class Decided(StrEnum):
    """How far code can decide a control."""

    IAC = "iac"
    PARTIAL = "partial"
    INHERITED = "inherited"
    ORGANISATIONAL = "organisational"


@dataclass(frozen=True, kw_only=True)
class Need:
    """What people attest of a control: the role that signs, what must exist, and the months that a signature holds."""

    who: str
    document: str
    months: int


@dataclass(frozen=True, kw_only=True)
class Control:
    """One row of the rule. `obligation` is required or addressable; `reason` says what code cannot show."""

    id: str
    title: str
    kind: str
    obligation: str
    decided: Decided
    reason: str
    attestation: Need | None = None
    """Of every row that code does not decide wholly."""
    paragraph: str = ""
    """Where a profile's source has a row that the profile adds, or `unverified`; the rule's own rows are named by it."""
    evidence: Mapping[str, Strength] = field(default_factory=dict, hash=False)
    """The rules that evidence an added row, by name; of the rule's own rows, the rules themselves say it."""


def load_controls(profile: str = IN_FORCE) -> tuple[Control, ...]:
    """Every row in the order of the rule, then those that the profile adds; raises PolicyError for no such profile."""
    changes = read_profile(profile)
    notes = {item["id"]: item for item in changes.get("overrides", ())}
    rows = [_changed(_control(row), notes.get(row["id"], {})) for row in read_yaml(CONTROLS_FILE)]
    return tuple(rows + [_control(row) for row in changes.get("rows", ())])


def profile_names() -> tuple[str, ...]:
    """Every profile that there is."""
    return tuple(sorted(path.stem for path in PROFILES_FOLDER.glob("*.yaml")))


def read_profile(name: str) -> Mapping[str, Any]:
    """A profile as its file has it."""
    if name not in profile_names():
        raise PolicyError(f"There is no profile named {name!r}; choose one of {', '.join(profile_names())}.")
    profile: Mapping[str, Any] = read_yaml(PROFILES_FOLDER / f"{name}.yaml")
    return profile


def _control(row: Mapping[str, Any]) -> Control:
    need = row.get("attestation")
    evidence = {rule: Strength(strength) for rule, strength in row.get("evidence", {}).items()}
    changes = {"decided": Decided(row["decided"]), "attestation": Need(**need) if need else None, "evidence": evidence}
    return Control(**{**row, **changes})


def _changed(control: Control, override: Mapping[str, str]) -> Control:
    note = override.get("note")
    return replace(
        control,
        obligation=override.get("obligation", control.obligation),
        reason=f"{control.reason} {note}" if note else control.reason,
    )
