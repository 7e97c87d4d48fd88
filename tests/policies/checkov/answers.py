"""A stand-in for Checkov, which answers of what it is given to look at as it is told."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.checkov.scan import READ

Finding = tuple[str, str, str]
"""Outcome ("passed", "failed" or "skipped"), check, and an address in the plan or the file of a manifest."""


@dataclass
class FakeCheckov:
    """Reads all that is there, but for `unread`, and finds `findings`."""

    findings: Sequence[Finding] = ()
    unread: Sequence[str] = ()
    change: Callable[[Any], Any] = lambda answer: answer
    seen: list[str] = field(default_factory=list)

    def __call__(self, folder: Path) -> str:
        plan = json.loads((folder / "plan.json").read_text())
        addresses = [each["address"] for each in plan["planned_values"]["root_module"]["resources"]]
        files = [f"/kubernetes/{path.name}" for path in sorted((folder / "kubernetes").iterdir())]
        self.seen += [*addresses, *files]
        reports = [
            self._report("terraform_plan", "resource", addresses),
            self._report("kubernetes", "file_path", files),
        ]
        return json.dumps(self.change(reports))

    def _report(self, framework: str, key: str, places: Sequence[str]) -> dict[str, Any]:
        results: dict[str, list[Any]] = {
            "passed_checks": [],
            "failed_checks": [],
            "skipped_checks": [],
            "parsing_errors": [],
        }
        read = [("passed", READ, place) for place in places if place not in self.unread]
        for outcome, check, place in [*read, *(finding for finding in self.findings if finding[2] in places)]:
            record = {"check_id": check, "check_name": f"Ensure {check}", "resource": "Deployment.x.y", key: place}
            results[f"{outcome}_checks"].append(record)
        return {"check_type": framework, "results": results, "summary": {"checkov_version": "3.0.0"}}
