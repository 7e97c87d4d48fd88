"""The pack's own record of every rule and resource: the engine's events drop what did not apply or was not known.

One JSON object a line: first a `run` line, then one `result` line for each rule and resource. The environment variable
POLICY_RESULTS names the file, which begins anew whenever the pack starts: `pulumi up` previews first, so after it the
file holds what was seen while the changes were applied.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from policies import PACK_NAME, PACK_VERSION
from policies.errors import PolicyError
from policies.exemptions import Exemption
from policies.outcomes import Verdict
from policies.rules.resource import Resource
from policies.rules.rule import Rule


class Recorder:
    """Appends lines to the results file; records nothing where none is named. Safe to call from several threads."""

    def __init__(self, path: Path | None, *, today: date) -> None:
        self.today = today
        self._path = path
        self._lock = threading.Lock()

    @classmethod
    def start(cls, env: Mapping[str, str], exemptions: Sequence[Exemption]) -> "Recorder":
        """Begin the record of one run; raises PolicyError when the file cannot be written."""
        today = datetime.now(UTC).date()
        path = Path(env["POLICY_RESULTS"]) if env.get("POLICY_RESULTS") else None
        recorder = cls(path, today=today)
        if path is None:
            return recorder
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        except OSError as error:
            raise PolicyError(f"POLICY_RESULTS names {path}, which cannot be written ({error.strerror}).") from error
        recorder._append(
            {
                "kind": "run",
                "pack": PACK_NAME,
                "version": PACK_VERSION,
                "date": today.isoformat(),
                "exemptions": [{**asdict(item), "expires": item.expires.isoformat()} for item in exemptions],
            }
        )
        return recorder

    def result(self, rule: Rule, resource: Resource, verdict: Verdict, exemption: Exemption | None = None) -> None:
        """Record one verdict; a later one for the same rule and resource replaces it when the file is read."""
        self._append(
            {
                "kind": "result",
                "rule": rule.name,
                "urn": resource.urn,
                "type": resource.type,
                "outcome": verdict.outcome.value,
                "message": "; ".join(verdict.messages),
                "severity": rule.severity.value,
                "controls": sorted(rule.evidence),
                **({"inherited": asdict(verdict.inheritance)} if verdict.inheritance else {}),
                **(
                    {
                        "waiver": {
                            "reason": exemption.reason,
                            "owner": exemption.owner,
                            "expires": exemption.expires.isoformat(),
                        }
                    }
                    if exemption
                    else {}
                ),
            }
        )

    def _append(self, line: Mapping[str, Any]) -> None:
        if self._path is None:
            return
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
