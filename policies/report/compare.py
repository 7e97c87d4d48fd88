"""`python -m policies.report.compare OLD NEW`: what drifted between two report.json of one stack.

Exit status: 0 nothing became worse; 1 something did; 2 unusable input. A rule or row that is gone counts as worse, as
does a new resource that is not compliant; a resource that is gone does not by itself, but a rule may lose a subject
that has to be there.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.errors import PolicyError
from policies.report.formats.json_document import SCHEMA
from policies.report.states import State

KINDS = ("worse", "better", "new", "gone")
_ORDER = {state.value: rank for rank, state in enumerate(reversed(State))}
"""The higher, the worse; the outcomes of single resources have the same names."""
_GREEN = State.COMPLIANT.value
_ABSENT = ("", State.NOT_APPLICABLE.value)


@dataclass(frozen=True, order=True)
class Change:
    """One difference: of which kind, about what, and the states before and after (empty where there is none)."""

    kind: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.kind:6} {self.what}: {self.before or 'not there'} -> {self.after or 'not there'}"


def main(arguments: list[str] | None = None) -> int:
    """Print the changes; returns the exit status."""
    parser = argparse.ArgumentParser(prog="policies.report.compare", description="What drifted between two reports.")
    parser.add_argument("old", type=Path, help="the earlier report.json")
    parser.add_argument("new", type=Path, help="the later report.json")
    options = parser.parse_args(arguments)
    try:
        changes = compare(read(options.old), read(options.new))
    except PolicyError as error:
        print(f"policy-compare: {error}", file=sys.stderr)
        return 2
    for change in changes:
        print(change)
    counts = {kind: sum(item.kind == kind for item in changes) for kind in KINDS}
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    return 1 if counts["worse"] else 0


def read(path: Path) -> Mapping[str, Any]:
    """A report; raises PolicyError for a file that is none."""
    try:
        report: Mapping[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PolicyError(f"{path} cannot be read as JSON; name the report.json of a report.") from error
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise PolicyError(f"{path} is not a report.json of this version; write the report again.")
    return report


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every difference, worst kind first; raises PolicyError for reports that cannot be compared."""
    try:
        for name in ("stack", "profile", "applied"):
            if old[name] != new[name]:
                raise PolicyError(f"The reports differ in {name}; compare two of one stack, profile and kind of run.")
        changes = [
            *_changes(_states(old, "controls", "id"), _states(new, "controls", "id"), fixed=True),
            *_changes(_states(old, "rules", "name"), _states(new, "rules", "name"), fixed=True),
            *_changes(_outcomes(old), _outcomes(new), fixed=False),
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise PolicyError("A report lacks what its schema promises; write both reports again.") from error
    return sorted(changes, key=lambda item: (KINDS.index(item.kind), item))


def _changes(old: Mapping[str, str], new: Mapping[str, str], *, fixed: bool) -> Iterator[Change]:
    """The differences of one part; what belongs to the pack and not to the stack (`fixed`) must not go away."""
    for what in sorted(old.keys() | new.keys()):
        before, after = old.get(what, ""), new.get(what, "")
        if before != after:
            yield Change(_kind(before, after, fixed=fixed), what, before, after)


def _kind(before: str, after: str, *, fixed: bool) -> str:
    if after in _ABSENT:
        return "worse" if fixed and not after else "gone"
    if before in _ABSENT:
        return "new" if (fixed and not before) or after == _GREEN else "worse"
    return "worse" if _ORDER[after] > _ORDER[before] else "better"


def _states(report: Mapping[str, Any], part: str, key: str) -> dict[str, str]:
    return {item[key]: item["state"] for item in report[part]}


def _outcomes(report: Mapping[str, Any]) -> dict[str, str]:
    """The outcome of every rule for every resource that it is about."""
    return {
        f"{rule['name']} on {result['urn']}": result["outcome"]
        for rule in report["rules"]
        for result in rule["results"]
    }


if __name__ == "__main__":
    sys.exit(main())
