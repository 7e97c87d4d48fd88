"""Reading the record of a run."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from policies.errors import PolicyError
from policies.outcomes import Outcome
from policies.record import Mode, Source

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """One leaf that a rule read: its path, behind the label of a related resource if it is one's, and what it holds."""

    path: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """The outcome of one rule for one resource."""

    rule: str
    urn: str
    type: str
    outcome: Outcome
    message: str
    values: tuple[Value, ...]
    waiver: Mapping[str, str] | None
    inherited: Mapping[str, str] | None
    source: Source | None

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the pack. `digest` is the SHA-256 of its lines in order, so it does not depend on who came first.

    `enforcement` has the rules that are not mandatory, `not_applicable` by rule how many resources of which types it
    says nothing about.
    """

    pack: str
    version: str
    date: str
    mode: Mode
    waivers: tuple[Mapping[str, Any], ...]
    enforcement: Mapping[str, str]
    results: tuple[Result, ...]
    not_applicable: Mapping[str, Mapping[str, int]]
    digest: str


def read_run(path: Path, *, stack: str) -> Run:
    """Read a results file; raises PolicyError where it is missing, damaged, empty, or of another stack."""
    try:
        head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
        kept = [line for _, line in sorted(_latest(lines).items())]
        results = tuple(_result(line) for line in kept if line["kind"] == "result")
        run = Run(
            pack=head["pack"],
            version=head["version"],
            date=date.fromisoformat(head["date"]).isoformat(),
            mode=Mode(head["mode"]),
            waivers=tuple(head["waivers"]),
            enforcement=dict(head["enforcement"]),
            results=results,
            not_applicable={line["rule"]: dict(line["types"]) for line in kept if line["kind"] == "not applicable"},
            digest=_digest([head, *kept]),
        )
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _unusable(path, "cannot be read") from error
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(path, "is not a record of this policy pack") from error
    if not results:
        raise _unusable(path, "records no result")
    found = {result.urn.split("::")[0].removeprefix("urn:pulumi:") for result in results}
    if found != {stack}:
        raise PolicyError(
            f"{path.name} is about stack {', '.join(sorted(found))}, not {stack}; name that stack instead."
        )
    return run


def _latest(lines: Iterable[Line]) -> dict[tuple[str, str, str], Line]:
    """The last line about each rule and resource."""
    return {(line["kind"], line["rule"], line.get("urn", "")): line for line in lines}


def _result(line: Line) -> Result:
    return Result(
        rule=line["rule"],
        urn=line["urn"],
        type=line["type"],
        outcome=Outcome(line["outcome"]),
        message=line["message"],
        values=tuple(Value(**value) for value in line["values"]),
        waiver=line.get("waiver"),
        inherited=line.get("inherited"),
        source=Source(**line["source"]) if "source" in line else None,
    )


def _digest(lines: Iterable[Line]) -> str:
    return hashlib.sha256("\n".join(json.dumps(line, sort_keys=True) for line in lines).encode()).hexdigest()


def _unusable(path: Path, why: str) -> PolicyError:
    return PolicyError(f"{path.name} {why}; run pulumi preview or up with the policy pack and POLICY_RESULTS first.")
