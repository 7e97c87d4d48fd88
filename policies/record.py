"""The pack's own record of every rule and resource: the engine's events drop what did not apply or was not known.

One JSON object a line: first a `run` line, then one `result` line for each rule and each resource of its types, and one
`not applicable` line for each rule that counts, by type, the resources that it says nothing about. The environment
variable POLICY_RESULTS names the file, which begins anew whenever the pack starts: `pulumi up` previews first, so after
it the file holds what was seen while the changes were applied.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from policies import PACK_NAME, PACK_VERSION
from policies.errors import PolicyError
from policies.outcomes import Verdict
from policies.rules.reads import Reads
from policies.rules.resource import Resource
from policies.rules.rule import Rule
from policies.waivers import Waiver


class Mode(StrEnum):
    """What was looked at: a preview, an update while it was applied, or the state of a stack."""

    PREVIEW = "preview"
    UP = "up"
    STATE = "state"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Source:
    """Where the program makes a resource: a file relative to the project, and a line."""

    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Head:
    """What holds for a whole run. `enforcement` has the rules that are not mandatory, with their level."""

    today: date
    mode: Mode
    stack: str
    waivers: Sequence[Waiver]
    enforcement: Mapping[str, str]

    def line(self) -> dict[str, Any]:
        """The first line of the record."""
        return {
            "kind": "run",
            "pack": PACK_NAME,
            "version": PACK_VERSION,
            "date": self.today.isoformat(),
            "mode": self.mode.value,
            "stack": self.stack,
            "waivers": [{**asdict(item), "expires": item.expires.isoformat()} for item in self.waivers],
            "enforcement": dict(self.enforcement),
        }


class Recorder:
    """Writes lines to the results file; records nothing where none is named. Safe to call from several threads."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._lock = threading.Lock()

    def begin(self, head: Head) -> None:
        """Begin the record anew; raises PolicyError when the file cannot be written."""
        if self._path is None:
            return
        self.close()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", buffering=1)  # the engine kills its plugins: no line waits in a buffer
        except OSError as error:
            raise PolicyError(f"The results file {self._path} cannot be written ({error.strerror}).") from error
        self._write(head.line())

    def close(self) -> None:
        """End the record; nothing is lost where this is never called."""
        if self._file is not None:
            self._file.close()

    def result(
        self,
        rule: Rule,
        resource: Resource,
        verdict: Verdict,
        *,
        reads: Reads,
        waiver: Waiver | None = None,
        source: Source | None = None,
    ) -> None:
        """Record one verdict; a later one for the same rule and resource replaces it when the file is read."""
        if self._file is None:
            return
        line: dict[str, Any] = {
            "kind": "result",
            "rule": rule.name,
            "urn": resource.urn,
            "type": resource.type,
            "outcome": verdict.outcome.value,
            "message": "; ".join(verdict.messages),
            "values": [{"path": path, "value": value} for path, value in reads.values(resource)],
            "severity": rule.severity.value,
            "controls": sorted(rule.evidence),
        }
        if verdict.inheritance:
            line["inherited"] = asdict(verdict.inheritance)
        if waiver:
            kept = ("reason", "measure", "owner", "ticket")
            line["waiver"] = {name: getattr(waiver, name) for name in kept} | {"expires": waiver.expires.isoformat()}
        if source:
            line["source"] = asdict(source)
        self._write(line)

    def not_applicable(self, rule: Rule, types: Mapping[str, int]) -> None:
        """Record how many resources of which types the rule says nothing about."""
        self._write({"kind": "not applicable", "rule": rule.name, "types": dict(types)})

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._file is not None:
            written = json.dumps(line, sort_keys=True) + "\n"
            with self._lock:
                self._file.write(written)
