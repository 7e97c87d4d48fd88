"""Findings of Checkov that somebody accepted, in writing, with what covers the risk instead, until a date."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from policies.errors import PolicyError

ACCEPTED_FILE = Path(__file__).parent / "accepted.yaml"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """One check that is not followed, on resources `<type>::<logical name>` of stacks; in both `*` stands for anything.

    From the day `review` on, the finding counts as open again until somebody decides anew.
    """

    check: str
    resource: str
    stack: str
    reason: str
    instead: str
    owner: str
    review: date

    def concerns(self, stack: str) -> bool:
        """Whether it speaks of this stack."""
        return fnmatchcase(stack, self.stack)

    def covers(self, *, check: str, resource: str) -> bool:
        """Whether it speaks of this check on this resource."""
        return check == self.check and fnmatchcase(resource, self.resource)

    def overdue(self, today: date) -> bool:
        """Whether it no longer holds on `today`."""
        return today >= self.review


def load_accepted(path: Path = ACCEPTED_FILE) -> tuple[Accepted, ...]:
    """Every entry of the file; raises PolicyError for one that is malformed or there twice."""
    try:
        entries = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise PolicyError(f"{path.name} cannot be read as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(entries, list):
        raise PolicyError(f"{path.name} must be a list of accepted findings; write [] for none.")
    accepted = tuple(_parse(entry, f"{path.name} entry {number}") for number, entry in enumerate(entries, 1))
    if len({(item.check, item.resource, item.stack) for item in accepted}) != len(accepted):
        raise PolicyError(f"{path.name} accepts one check for the same patterns twice; keep one of the two entries.")
    return accepted


def _parse(entry: object, where: str) -> Accepted:
    names = [field.name for field in fields(Accepted)]
    if not isinstance(entry, dict) or sorted(entry) != sorted(names):
        raise PolicyError(f"{where} must have exactly these keys: {', '.join(names)}.")
    for name in names[:-1]:
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise PolicyError(f"{where}: {name} must be a text that is not empty.")
    if type(entry["review"]) is not date:
        raise PolicyError(f"{where}: review must be a date such as 2027-01-31.")
    if entry["resource"].count("::") != 1:
        raise PolicyError(f"{where}: resource must be <type>::<logical name>, as every finding prints it.")
    return Accepted(**entry)


def markdown(accepted: Sequence[Accepted]) -> str:
    """The list for the README: check, where, why it is not followed, what covers the risk instead, and until when."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for item in sorted(accepted, key=lambda item: (item.check, item.resource, item.stack)):
        said = (item.reason, item.instead, item.review.isoformat())
        groups.setdefault((item.check, *said), []).append(_where(item))
    rows = [f"| {check} | {', '.join(where)} | {' | '.join(said)} |" for (check, *said), where in groups.items()]
    head = ["| check | where | why it is not followed | what covers it instead | review |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _where(item: Accepted) -> str:
    return f"`{item.resource}`" + ("" if item.stack == "*" else f" in `{item.stack}`")
