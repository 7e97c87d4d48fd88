"""OSCAL assessment results: a finding for each row, an observation for each rule and outcome, a risk for each waiver.

`satisfied` is said of green rows only. There is no assessment plan besides the pack itself, so `import-ap` points at a
note that says so.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from policies.attestations import Attestation
from policies.outcomes import Outcome
from policies.report.formats.oscal import COMPONENT_FILE, control_id, identifier, metadata, moment, prop, text
from policies.report.model import Report
from policies.report.results import Result
from policies.report.rows import Row
from policies.report.rules import RuleReport, label
from policies.report.summary import summarise
from policies.report.words import PURPOSE, provenance, source

_RECORDED = tuple(outcome for outcome in Outcome if outcome is not Outcome.NOT_APPLICABLE)


def write(report: Report) -> str:
    """What this run came to."""
    plan = identifier("plan", report.run.version)
    return text(
        "assessment-results",
        {
            "uuid": _id(report, "assessment results"),
            "metadata": metadata(report, f"HIPAA policy report of the stack {report.stack}"),
            "import-ap": {"href": f"#{plan}", "remarks": "The policy pack is the plan; no other was written."},
            "results": [_result(report)],
            "back-matter": {
                "resources": [
                    {"uuid": plan, "title": "The policy pack", "rlinks": [{"href": COMPONENT_FILE}]},
                ]
            },
        },
    )


def _id(report: Report, *names: str) -> str:
    return identifier(report.stack, report.profile.name, report.run.digest, *names)


def _result(report: Report) -> dict[str, Any]:
    resources = {result.urn: result for result in report.run.results if result.outcome is not Outcome.NOT_APPLICABLE}
    items = [_item(report, resources[urn]) for urn in sorted(resources)]
    result: dict[str, Any] = {
        "uuid": _id(report, "result"),
        "title": f"Stack {report.stack}",
        "description": f"{summarise(report).headline} {PURPOSE}",
        "start": moment(report.today),
        "props": [prop(_token(name), value) for name, value in provenance(report).items()],
        "local-definitions": {"inventory-items": items} if items else {},
        "reviewed-controls": {
            "control-selections": [
                {"include-controls": [{"control-id": control_id(row.control.id)} for row in report.rows]}
            ]
        },
        "observations": [*_observations(report), *_attestations(report)],
        "findings": [_finding(report, row) for row in report.rows],
    }
    risks = [_risk(report, item) for item in report.run.results if item.waiver]
    return {key: value for key, value in (result | {"risks": risks}).items() if value}


def _token(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def _item(report: Report, result: Result) -> dict[str, Any]:
    return {
        "uuid": _id(report, "resource", result.urn),
        "description": label(result),
        "props": [
            prop("urn", result.urn),
            prop("type", result.type),
            *([prop("source", source(result))] if result.source else []),
        ],
    }


def _observations(report: Report) -> Iterable[dict[str, Any]]:
    for item in report.rules:
        if not item.results:
            yield _observation(report, item, item.state.value, f"It is {item.state.value}: nothing was judged.", [])
        for outcome in _RECORDED:
            if found := item.of(outcome):
                yield _observation(report, item, outcome.value, f"{len(found)} {outcome.value}.", found)


def _observation(report: Report, item: RuleReport, kind: str, said: str, found: list[Result]) -> dict[str, Any]:
    subjects = [_subject(report, result) for result in found]
    return {
        "uuid": _id(report, "observation", item.rule.name, kind),
        "title": f"{item.rule.name}: {kind}",
        "description": f"{item.rule.description} {said}",
        "props": [
            prop("Rule_Id", item.rule.name),
            prop("outcome", kind),
            prop("enforcement", item.level or "mandatory"),
        ],
        "methods": ["TEST"],
        "collected": moment(report.today),
        **({"subjects": subjects} if subjects else {}),
    }


def _subject(report: Report, result: Result) -> dict[str, Any]:
    values = [prop("value", item.value, remarks=item.path) for item in result.values]
    return {
        "subject-uuid": _id(report, "resource", result.urn),
        "type": "inventory-item",
        "title": label(result),
        **({"props": values} if values else {}),
        **({"remarks": result.message} if result.message else {}),
    }


def _attestations(report: Report) -> Iterable[dict[str, Any]]:
    for row in report.rows:
        if row.attestation and row.attestation_state:
            yield _signed(report, row, row.attestation)


def _signed(report: Report, row: Row, signed: Attestation) -> dict[str, Any]:
    return {
        "uuid": _id(report, "attestation", row.control.id),
        "title": f"Attestation of {row.control.id}",
        "description": signed.statement,
        "props": [prop("by", signed.by), prop("role", signed.role)],
        "methods": ["EXAMINE"],
        "relevant-evidence": [{"description": signed.document}],
        "collected": moment(signed.signed),
        "expires": moment(signed.expires),
    }


def _finding(report: Report, row: Row) -> dict[str, Any]:
    observations = [
        _id(report, "observation", item.rule.name, kind)
        for item, _ in row.evidence
        for kind in ([outcome.value for outcome in _RECORDED if item.of(outcome)] or [item.state.value])
    ]
    observations += [_id(report, "attestation", row.control.id)] if row.attestation else []
    risks = [_risk_id(report, result) for item, _ in row.evidence for result in item.results if result.waiver]
    return {
        "uuid": _id(report, "finding", row.control.id),
        "title": f"{row.control.id} {row.control.title}",
        "description": f"{row.label}. {row.control.reason}",
        "props": [prop("state", row.state.value), prop("obligation", row.control.obligation)],
        "target": {
            "type": "statement-id",
            "target-id": f"{control_id(row.control.id)}_smt",
            "status": {
                "state": "satisfied" if row.shown else "not-satisfied",
                "reason": "pass" if row.shown else "other",
                "remarks": row.label,
            },
        },
        **({"related-observations": [{"observation-uuid": each} for each in observations]} if observations else {}),
        **({"related-risks": [{"risk-uuid": each} for each in risks]} if risks else {}),
    }


def _risk_id(report: Report, result: Result) -> str:
    return _id(report, "risk", result.rule, result.urn)


def _risk(report: Report, result: Result) -> dict[str, Any]:
    waiver = result.waiver or {}
    measure = waiver.get("measure", "")
    factors = [{"uuid": _id(report, "measure", result.rule, result.urn), "description": measure}] if measure else []
    return {
        "uuid": _risk_id(report, result),
        "title": f"{result.rule} is waived for {label(result)}",
        "description": result.message,
        "statement": waiver["reason"],
        "props": [prop("owner", waiver["owner"]), prop("ticket", waiver["ticket"])],
        "status": "deviation-approved",
        **({"mitigating-factors": factors} if factors else {}),
        "deadline": moment(date.fromisoformat(waiver["expires"])),
    }
