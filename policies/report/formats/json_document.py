"""The whole result model as JSON; report.schema.json describes it."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from policies.report.model import Report
from policies.report.results import Result
from policies.report.rows import Row
from policies.report.rules import RuleReport
from policies.report.states import ATTESTATION_STATES, INFRASTRUCTURE_STATES, RULE_STATES, State
from policies.report.summary import summarise

SCHEMA_FILE = Path(__file__).parent.parent / "report.schema.json"
SCHEMA = 3
"""Counts up when a field changes its meaning or goes."""


def write(report: Report) -> str:
    """The document, with keys in order."""
    return json.dumps(document(report), indent=2, sort_keys=True) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The document as plain data."""
    summary = summarise(report)
    return {
        "schema": SCHEMA,
        "stack": report.stack,
        "mode": report.run.mode,
        "applied": report.applied,
        "emulated_aws": report.emulated_aws,
        "passed": report.passed(),
        "date": report.run.date,
        "pack": {"name": report.run.pack, "version": report.run.version},
        "profile": {
            "name": report.profile.name,
            "title": report.profile.title,
            "status": report.profile.status,
            "source": report.profile.source,
        },
        "results_sha256": report.run.digest,
        "resources": report.resources,
        "summary": {
            "verdict": summary.verdict,
            "headline": summary.headline,
            "rules": _counts(report.rule_states(), RULE_STATES),
            "controls": _counts(report.row_states(), State),
            "infrastructure": _counts(report.infrastructure_states(), INFRASTRUCTURE_STATES),
            "attestations": _counts(report.attestation_states(), ATTESTATION_STATES),
        },
        "enforcement": {item.rule.name: item.level for item in report.unenforced()},
        "controls": [_row(item) for item in report.rows],
        "rules": [_rule(item) for item in report.rules],
        "inherited": [asdict(item) | {"rules": list(item.rules)} for item in report.inherited()],
        "waivers": [dict(item) for item in report.run.waivers],
        "unused_waivers": [dict(item) for item in report.unused_waivers()],
        "expired_waivers": [dict(item) for item in report.expired_waivers()],
    }


def _counts(found: Counter[State], states: Iterable[State]) -> dict[str, int]:
    return {state.value: found[state] for state in states}


def _row(item: Row) -> dict[str, Any]:
    control = item.control
    return {
        "id": control.id,
        "title": control.title,
        "kind": control.kind,
        "obligation": control.obligation,
        "decided": control.decided.value,
        "reason": control.reason,
        "state": item.state.value,
        "shown": item.shown,
        "label": item.label,
        "infrastructure": item.infrastructure.value,
        "attestation": _attestation(item),
        "evidence": [
            {"rule": rule.rule.name, "strength": strength.value, "state": rule.state.value}
            for rule, strength in item.evidence
        ],
    }


def _attestation(item: Row) -> dict[str, Any] | None:
    """What must be signed and what was; null where code decides the row wholly and nobody signed."""
    if item.attestation_state is None:
        return None
    need, signed = item.control.attestation, item.attestation
    return {
        "state": item.attestation_state.value,
        "needed": {"who": need.who, "document": need.document, "months": need.months} if need else None,
        "signed": {
            "statement": signed.statement,
            "document": signed.document,
            "by": signed.by,
            "role": signed.role,
            "signed": signed.signed.isoformat(),
            "expires": signed.expires.isoformat(),
        }
        if signed
        else None,
    }


def _rule(item: RuleReport) -> dict[str, Any]:
    rule = item.rule
    return {
        "name": rule.name,
        "description": rule.description,
        "severity": rule.severity.value,
        "level": item.level or "mandatory",
        "state": item.state.value,
        "types": list(rule.types),
        "remediation": rule.remediation,
        "link": rule.link,
        "controls": {control: strength.value for control, strength in rule.evidence.items()},
        "not_applicable": item.not_applicable,
        "results": [_result(result) for result in item.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "urn": result.urn,
        "type": result.type,
        "name": result.name,
        "outcome": result.outcome.value,
        "message": result.message,
        "values": [{"path": item.path, "value": item.value} for item in result.values],
        "source": {"file": result.source.file, "line": result.source.line} if result.source else None,
        "waiver": dict(result.waiver) if result.waiver else None,
        "inherited": dict(result.inherited) if result.inherited else None,
    }
