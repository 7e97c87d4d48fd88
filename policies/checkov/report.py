"""What Checkov found against what was accepted: passed, accepted, open."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from policies.checkov.accepted import Accepted
from policies.checkov.scan import Result, Scan


@dataclass(frozen=True, kw_only=True)
class Report:
    """A scan sorted out. `unused` are entries that no finding needs: they are errors, as they would hide a new one."""

    stack: str
    scan: Scan
    passed: tuple[Result, ...]
    accepted: tuple[tuple[Result, Accepted], ...]
    open: tuple[Result, ...]
    unused: tuple[Accepted, ...]

    def clean(self) -> bool:
        """Whether every finding was accepted and every entry needed."""
        return not self.open and not self.unused


def judge(scan: Scan, accepted: Sequence[Accepted], *, stack: str, today: date) -> Report:
    """Sort the results out; an entry whose review is due accepts nothing, but is not unused either."""
    concerned = [entry for entry in accepted if entry.concerns(stack)]
    failed = [result for result in scan.results if not result.passed]
    pairs = [
        (result, entry)
        for result in failed
        for entry in concerned
        if entry.covers(check=result.check, resource=result.resource)
    ]
    holding = {result: entry for result, entry in reversed(pairs) if not entry.overdue(today)}
    needed = {entry for _, entry in pairs}
    return Report(
        stack=stack,
        scan=scan,
        passed=tuple(result for result in scan.results if result.passed),
        accepted=tuple((result, holding[result]) for result in failed if result in holding),
        open=tuple(result for result in failed if result not in holding),
        unused=tuple(entry for entry in concerned if entry not in needed),
    )


def lines(report: Report) -> list[str]:
    """The summary for a terminal: what is open, what is not needed, what was accepted, and how many of each."""
    found = [f"open      {_finding(result)}" for result in report.open]
    found += [f"not needed: accepted.yaml has {entry.check} for {entry.resource}" for entry in report.unused]
    found += [f"accepted  {_finding(result)}" for result, _ in report.accepted]
    checks = len({result.check for result in report.scan.results})
    counts = f"{len(report.passed)} passed, {len(report.accepted)} accepted, {len(report.open)} open"
    return [
        *found,
        f"Checkov {report.scan.version}: {checks} checks over {report.scan.resources} resources: {counts}",
        f"types it has no check for: {len(report.scan.unchecked)} (named in the report)",
    ]


def _finding(result: Result) -> str:
    return f"{result.check:12} {result.resource}: {result.title}"


def to_json(report: Report) -> str:
    """The whole report, with keys in order; equal reports give equal bytes."""
    return json.dumps(_document(report), indent=2, sort_keys=True) + "\n"


def _document(report: Report) -> dict[str, Any]:
    return {
        "schema": 1,
        "stack": report.stack,
        "clean": report.clean(),
        "checkov": report.scan.version,
        "resources": report.scan.resources,
        "types_without_a_check": list(report.scan.unchecked),
        "summary": {
            "passed": len(report.passed),
            "accepted": len(report.accepted),
            "open": len(report.open),
            "unused": len(report.unused),
        },
        "open": [_result(result) for result in report.open],
        "accepted": [_result(result) | {"entry": _entry(entry)} for result, entry in report.accepted],
        "unused": [_entry(entry) for entry in report.unused],
        "passed": [_result(result) for result in report.passed],
    }


def _result(result: Result) -> dict[str, Any]:
    return {"check": result.check, "title": result.title, "resource": result.resource}


def _entry(entry: Accepted) -> dict[str, Any]:
    return asdict(entry) | {"review": entry.review.isoformat()}
