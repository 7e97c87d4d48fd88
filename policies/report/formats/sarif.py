"""SARIF 2.1.0: what is violated, waived (suppressed, with its justification) or unknown (kind `open`), at the line that made it.

GitHub's code scanning shows a result at one file and line, so a resource of which the engine did not say where it was
made is put at the program's project file. What is compliant is left out: SARIF lists findings.
"""

import hashlib
import json
from typing import Any

from policies.outcomes import Outcome
from policies.report.model import Report
from policies.report.results import Result
from policies.report.rules import RuleReport, label
from policies.report.states import State
from policies.rules.rule import Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FALLBACK = "Pulumi.yaml"
MOST_TAGS = 20
"""GitHub refuses a rule with more."""
_LEVELS = {Severity.LOW: "note", Severity.MEDIUM: "warning", Severity.HIGH: "error", Severity.CRITICAL: "error"}
_SCORES = {Severity.LOW: "3.0", Severity.MEDIUM: "5.5", Severity.HIGH: "8.0", Severity.CRITICAL: "9.5"}
"""Inside GitHub's bands: low below 4, medium below 7, high below 9."""


def write(report: Report) -> str:
    """The log, with one run."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return json.dumps(log, indent=2, sort_keys=True) + "\n"


def _run(report: Report) -> dict[str, Any]:
    return {
        "tool": {
            "driver": {
                "name": report.run.pack,
                "version": report.run.version,
                "rules": [_descriptor(item) for item in report.rules],
            }
        },
        "automationDetails": {"id": f"policy-report/{report.stack}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolConfigurationNotifications": _notifications(report)}],
        "results": [
            _result(result, item, index)
            for index, item in enumerate(report.rules)
            for result in item.results
            if result.outcome in (Outcome.VIOLATION, Outcome.WAIVED, Outcome.UNKNOWN)
        ],
        "properties": {
            "stack": report.stack,
            "mode": report.run.mode,
            "emulatedAws": report.emulated_aws,
            "date": report.run.date,
            "resultsSha256": report.run.digest,
        },
    }


def _descriptor(item: RuleReport) -> dict[str, Any]:
    rule = item.rule
    help_text = f"{rule.remediation} Evidences {', '.join(rule.controls())}. See {rule.link}"
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.description},
        "fullDescription": {"text": rule.description},
        "help": {"text": help_text, "markdown": help_text},
        "helpUri": rule.link,
        "defaultConfiguration": {"enabled": item.state is not State.DISABLED, "level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", "hipaa", *rule.controls()][:MOST_TAGS],
            "security-severity": _SCORES[rule.severity],
            "precision": "high",
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[
                _LEVELS[rule.severity]
            ],
        },
    }


def _notifications(report: Report) -> list[dict[str, Any]]:
    """Rules that were not run or do not stop anything: a short list of results must not look like a clean one."""
    return [
        {
            "level": "warning" if item.level else "error",
            "message": {"text": f"{item.rule.name}: {f'set to {item.level}' if item.level else 'it was not run'}."},
            "associatedRule": {"id": item.rule.name, "index": index},
        }
        for index, item in enumerate(report.rules)
        if item.level or item.state is State.NOT_RUN
    ]


def _result(result: Result, item: RuleReport, index: int) -> dict[str, Any]:
    unknown = result.outcome is Outcome.UNKNOWN
    level = "note" if item.level else _LEVELS[item.rule.severity]
    return {
        "ruleId": item.rule.name,
        "ruleIndex": index,
        "kind": "open" if unknown else "fail",
        "level": "none" if unknown else level,
        "message": {"text": f"{label(result)}: {result.message}. Fix: {item.rule.remediation}"},
        "locations": [_location(result)],
        "partialFingerprints": {
            "ruleAndResource/v1": hashlib.sha256(f"{result.rule} {result.urn}".encode()).hexdigest()
        },
        **({"suppressions": [_suppression(result)]} if result.waiver else {}),
    }


def _location(result: Result) -> dict[str, Any]:
    file, line = (result.source.file, result.source.line) if result.source else (FALLBACK, 1)
    return {
        "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}},
        "logicalLocations": [{"name": result.name, "fullyQualifiedName": result.urn, "kind": "resource"}],
    }


def _suppression(result: Result) -> dict[str, Any]:
    waiver = result.waiver or {}
    measure = f" Instead: {waiver['measure']}" if waiver.get("measure") else ""
    return {
        "kind": "external",
        "status": "accepted",
        "justification": f"{waiver['reason']}{measure} ({waiver['owner']}, {waiver['ticket']}, until {waiver['expires']})",
    }
