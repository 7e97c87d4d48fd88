"""Waivers: violations that somebody accepted, in writing, until a date.

An addressable specification may be left out only where it is documented why, and an equivalent measure does its work if
one is reasonable and appropriate (164.306(d)(3)(ii)(B)), so a waiver of a rule that evidences one has to name it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from policies.controls import load_controls
from policies.entries import is_text, read_entries, require_dates, require_keys, require_texts
from policies.errors import PolicyError
from policies.rules import RULES

WAIVERS_FILE = Path(__file__).parent / "waivers.yaml"
LONGEST = timedelta(days=366)
"""Nothing is accepted for longer than a year without being looked at again."""

_NEEDED = ("rule", "resource", "reason", "owner", "ticket", "expires")
_OPTIONAL = ("measure", "findings")


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One accepted violation. `resource` is `<type>::<logical name>`; it holds until the day before `expires`."""

    rule: str
    resource: str
    reason: str
    owner: str
    ticket: str
    expires: date
    measure: str = ""
    """What does the work instead: the equivalent measure of 164.306(d)(3)(ii)(B)(2)."""
    findings: tuple[str, ...] = ()
    """How the findings begin that it covers, so that the rule goes on guarding the rest; empty: all of them."""

    def covers(self, finding: str) -> bool:
        """Whether what the rule found is what was accepted."""
        return not self.findings or finding.startswith(self.findings)

    def expired(self, today: date) -> bool:
        """Whether it no longer holds on `today`."""
        return today >= self.expires


def load_waivers(path: Path = WAIVERS_FILE, *, today: date | None = None) -> tuple[Waiver, ...]:
    """Every entry of the file, the expired ones too; `today` is the day in UTC unless it is given.

    Raises PolicyError for an entry that is malformed, names no rule, lasts too long, or is there twice.
    """
    day, addressable = today or datetime.now(UTC).date(), addressable_specifications()
    waivers = tuple(_parse(entry, where, day, addressable) for where, entry in read_entries(path, of="waivers"))
    if len({(item.rule, item.resource) for item in waivers}) != len(waivers):
        raise PolicyError(f"{path.name} waives one rule for one resource twice; keep one of the two entries.")
    return waivers


def find_waiver(waivers: Sequence[Waiver], *, rule: str, resource: str) -> Waiver | None:
    """The entry for this rule and resource, expired or not."""
    return next((item for item in waivers if (item.rule, item.resource) == (rule, resource)), None)


def addressable_specifications() -> dict[str, tuple[str, ...]]:
    """Of each rule by name, the addressable specifications that it evidences."""
    rows = [row.id for row in load_controls() if row.obligation == "addressable"]
    return {rule.name: tuple(row for row in rows if row in rule.evidence) for rule in RULES}


def _parse(entry: object, where: str, today: date, addressable: Mapping[str, tuple[str, ...]]) -> Waiver:
    values = require_keys(entry, where, _NEEDED, _OPTIONAL)
    require_texts(values, where, ("rule", "resource", "reason", "owner", "ticket", "measure"))
    require_dates(values, where, ("expires",))
    if values["rule"] not in addressable:
        raise PolicyError(f"{where}: there is no rule named {values['rule']!r}.")
    if values["resource"].count("::") != 1:
        raise PolicyError(f"{where}: resource must be <type>::<logical name>, as every violation prints it.")
    if values["expires"] - today > LONGEST:
        raise PolicyError(f"{where}: expires must be within {LONGEST.days} days; renew it when it has run out.")
    specifications = addressable[values["rule"]]
    if specifications and "measure" not in values:
        raise PolicyError(f"{where}: it needs a measure, what is done instead, as {specifications[0]} is addressable.")
    findings = values.get("findings", ())
    if "findings" in values and not (isinstance(findings, list) and findings and all(map(is_text, findings))):
        raise PolicyError(f"{where}: findings must be a list of texts, each the beginning of a finding.")
    return Waiver(**{**values, "findings": tuple(findings)})
