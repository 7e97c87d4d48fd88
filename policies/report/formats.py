"""The report as JSON and as one self-contained HTML file. Equal reports give equal bytes."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from policies.report.model import LABELS, Report, RuleReport, State
from policies.report.results import Result
from policies.rules.rule import Severity

SECTIONS = (
    ("164.308", "Administrative safeguards"),
    ("164.310", "Physical safeguards"),
    ("164.312", "Technical safeguards"),
    ("164.314", "Organizational requirements"),
    ("164.316", "Policies, procedures and documentation"),
)


def to_json(report: Report) -> str:
    """The whole result model, with keys in order."""
    return json.dumps(_document(report), indent=2, sort_keys=True) + "\n"


def to_html(report: Report) -> str:
    """A page without scripts and without anything from elsewhere; readable on screen, light and dark, and on paper."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return (
        environment.get_template("template.html.j2").render(
            report=report,
            State=State,
            labels=LABELS,
            attention=_attention(report),
            sections=[
                (part, title, [row for row in report.controls if row.control.id.startswith(part)])
                for part, title in SECTIONS
            ],
        )
        + "\n"
    )


def _attention(report: Report) -> list[RuleReport]:
    """What is not green but should be: worst state first, then severity."""
    states, severities = list(State), list(Severity)
    found = [item for item in report.rules if item.state in (State.VIOLATION, State.UNKNOWN, State.WAIVED)]
    return sorted(found, key=lambda item: (states.index(item.state), -severities.index(item.rule.severity)))


def _document(report: Report) -> dict[str, Any]:
    return {
        "schema": 1,
        "stack": report.stack,
        "applied": report.applied,
        "emulated_aws": report.emulated_aws,
        "passed": report.passed(),
        "pack": {"name": report.run.pack, "version": report.run.version},
        "date": report.run.date,
        "results_sha256": report.run.digest,
        "resources": report.resources,
        "summary": {
            "rules": {state.value: report.rule_states()[state] for state in State},
            "controls": {state.value: report.control_states()[state] for state in State},
        },
        "controls": [
            {
                "id": row.control.id,
                "title": row.control.title,
                "kind": row.control.kind,
                "obligation": row.control.obligation,
                "decided": row.control.decided.value,
                "reason": row.control.reason,
                "state": row.state.value,
                "evidence": [
                    {"rule": item.rule.name, "strength": strength.value, "state": item.state.value}
                    for item, strength in row.evidence
                ],
            }
            for row in report.controls
        ],
        "rules": [_rule(item) for item in report.rules],
        "inherited": [asdict(item) for item in report.inherited()],
        "exemptions": list(report.run.exemptions),
        "unused_exemptions": report.unused_exemptions(),
    }


def _rule(item: RuleReport) -> dict[str, Any]:
    rule = item.rule
    return {
        "name": rule.name,
        "description": rule.description,
        "severity": rule.severity.value,
        "state": item.state.value,
        "ran": item.ran,
        "types": list(rule.types),
        "remediation": rule.remediation,
        "link": rule.link,
        "controls": {control: strength.value for control, strength in rule.evidence.items()},
        "not_applicable": item.not_applicable,
        "results": [_result(result) for result in item.results],
    }


def _result(result: Result) -> dict[str, Any]:
    document = {
        "urn": result.urn,
        "type": result.type,
        "name": result.name,
        "outcome": result.outcome.value,
        "message": result.message,
    }
    return document | ({"waiver": dict(result.waiver)} if result.waiver else {})
