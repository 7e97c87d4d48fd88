"""Exemptions: violations that somebody accepted, in writing, until a date."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import yaml

from policies.errors import PolicyError
from policies.rules import RULES

EXEMPTIONS_FILE = Path(__file__).parent / "exemptions.yaml"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One accepted violation. `resource` is `<type>::<logical name>`; it holds until the day before `expires`."""

    rule: str
    resource: str
    reason: str
    owner: str
    expires: date
    findings: tuple[str, ...] = ()
    """How the findings begin that it covers, so that the rule goes on guarding the rest; empty: all of them."""

    def covers(self, finding: str) -> bool:
        """Whether what the rule found is what was accepted."""
        return not self.findings or finding.startswith(self.findings)

    def expired(self, today: date) -> bool:
        """Whether it no longer holds on `today`."""
        return today >= self.expires


def load_exemptions(path: Path = EXEMPTIONS_FILE) -> tuple[Exemption, ...]:
    """Every entry of the file; raises PolicyError for one that is malformed, names no rule, or is there twice."""
    try:
        entries = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name} cannot be read as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(entries, list):
        raise PolicyError(f"{path.name} must be a list of exemptions; write [] for none.")
    exemptions = tuple(_parse(entry, f"{path.name} entry {number}") for number, entry in enumerate(entries, 1))
    if len({(item.rule, item.resource) for item in exemptions}) != len(exemptions):
        raise PolicyError(f"{path.name} exempts one resource from one rule twice; keep one of the two entries.")
    return exemptions


def find_exemption(exemptions: Sequence[Exemption], *, rule: str, resource: str) -> Exemption | None:
    """The entry for this rule and resource, expired or not."""
    return next((item for item in exemptions if (item.rule, item.resource) == (rule, resource)), None)


def _parse(entry: object, where: str) -> Exemption:
    *names, optional = (field.name for field in fields(Exemption))
    if not isinstance(entry, dict) or sorted(set(entry) - {optional}) != sorted(names):
        raise PolicyError(f"{where} must have exactly these keys: {', '.join(names)}, and may have {optional}.")
    for name in names[:-1]:
        if not _is_text(entry[name]):
            raise PolicyError(f"{where}: {name} must be a text that is not empty.")
    if type(entry["expires"]) is not date:
        raise PolicyError(f"{where}: expires must be a date such as 2027-01-31.")
    if entry["rule"] not in {rule.name for rule in RULES}:
        raise PolicyError(f"{where}: there is no rule named {entry['rule']!r}.")
    if entry["resource"].count("::") != 1:
        raise PolicyError(f"{where}: resource must be <type>::<logical name>, as every violation prints it.")
    findings = entry.get(optional, ())
    if optional in entry and not (isinstance(findings, list) and findings and all(_is_text(each) for each in findings)):
        raise PolicyError(f"{where}: findings must be a list of texts, each the beginning of a finding.")
    return Exemption(**{**entry, optional: tuple(findings)})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
