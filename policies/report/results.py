"""Reading the record of a run."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policies.errors import PolicyError
from policies.outcomes import Outcome


@dataclass(frozen=True, kw_only=True)
class Result:
    """The outcome of one rule for one resource."""

    rule: str
    urn: str
    type: str
    outcome: Outcome
    message: str
    waiver: Mapping[str, str] | None
    inherited: Mapping[str, str] | None

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of the pack. `digest` is the SHA-256 of its lines in order, so it does not depend on who came first."""

    pack: str
    version: str
    date: str
    exemptions: tuple[Mapping[str, str], ...]
    results: tuple[Result, ...]
    digest: str


def read_run(path: Path, *, stack: str) -> Run:
    """Read a results file; raises PolicyError where it is missing, damaged, empty, or of another stack."""
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
    except (OSError, ValueError) as error:
        raise _unusable(path, "cannot be read") from error
    try:
        head, latest = lines[0], {(line["rule"], line["urn"]): line for line in lines[1:]}
        if not latest:
            raise _unusable(path, "records no result")
        results = tuple(_result(latest[key]) for key in sorted(latest))
        run = Run(
            pack=head["pack"],
            version=head["version"],
            date=head["date"],
            exemptions=tuple(head["exemptions"]),
            results=results,
            digest=_digest([head, *(latest[key] for key in sorted(latest))]),
        )
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise _unusable(path, "is not a record of this policy pack") from error
    stacks = {result.urn.split("::")[0].removeprefix("urn:pulumi:") for result in results}
    if stacks != {stack}:
        found = ", ".join(sorted(stacks))
        raise PolicyError(f"{path.name} is about stack {found}, not {stack}; name that stack instead.")
    return run


def _result(line: Mapping[str, Any]) -> Result:
    return Result(
        rule=line["rule"],
        urn=line["urn"],
        type=line["type"],
        outcome=Outcome(line["outcome"]),
        message=line["message"],
        waiver=line.get("waiver"),
        inherited=line.get("inherited"),
    )


def _digest(lines: list[Mapping[str, Any]]) -> str:
    return hashlib.sha256("\n".join(json.dumps(line, sort_keys=True) for line in lines).encode()).hexdigest()


def _unusable(path: Path, why: str) -> PolicyError:
    return PolicyError(f"{path.name} {why}; run pulumi preview or up with the policy pack and POLICY_RESULTS first.")
