"""Attestations: what people signed for the rows of the rule that code does not decide wholly, until a date."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from policies.controls import Control, Need, load_controls, profile_names
from policies.entries import read_entries, require_dates, require_keys, require_texts
from policies.errors import PolicyError

ATTESTATIONS_FILE = Path(__file__).parent / "attestations.yaml"


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """One signed statement about one control. It holds from the day it was signed until the day before `expires`."""

    control: str
    statement: str
    document: str
    by: str
    role: str
    signed: date
    expires: date

    def expired(self, day: date) -> bool:
        """Whether it no longer holds on `day`."""
        return day >= self.expires

    def holds(self, day: date) -> bool:
        """Whether it was signed, and has not expired, on `day`."""
        return self.signed <= day < self.expires


def load_attestations(path: Path = ATTESTATIONS_FILE, controls: Sequence[Control] = ()) -> tuple[Attestation, ...]:
    """Every entry about one of the controls, the expired ones too; without controls, those of every profile.

    Raises PolicyError for an entry that is malformed, about a row of no profile or one that code decides wholly, signed
    for longer than the row allows, or there twice.
    """
    known = [row for name in profile_names() for row in load_controls(name)] + list(controls)
    needs = {row.id: row.attestation for row in known}
    attestations = tuple(_parse(entry, where, needs) for where, entry in read_entries(path, of="attestations"))
    if len({item.control for item in attestations}) != len(attestations):
        raise PolicyError(f"{path.name} attests one control twice; keep one of the two entries.")
    asked = {row.id for row in controls or known}
    return tuple(item for item in attestations if item.control in asked)


def _parse(entry: object, where: str, needs: dict[str, Need | None]) -> Attestation:
    *texts, signed, expires = (field.name for field in fields(Attestation))
    values = require_keys(entry, where, (*texts, signed, expires))
    require_texts(values, where, texts)
    require_dates(values, where, (signed, expires))
    control = values["control"]
    if control not in needs:
        raise PolicyError(f"{where}: there is no control {control!r}; ids are those of hipaa.yaml and of profiles/.")
    need = needs[control]
    if need is None:
        raise PolicyError(f"{where}: {control} needs no attestation, as code decides it; remove the entry.")
    if values[expires] <= values[signed]:
        raise PolicyError(f"{where}: expires must be later than signed.")
    latest = _after(values[signed], need.months)
    if values[expires] > latest:
        raise PolicyError(f"{where}: expires must be {latest} or earlier, as {control} is signed anew {_every(need)}.")
    return Attestation(**values)


def _after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month if it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    if day.year + years > date.max.year:
        return date.max
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def _every(need: Need) -> str:
    return f"every {need.months} months" if need.months > 1 else "every month"
