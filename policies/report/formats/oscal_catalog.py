"""OSCAL catalog of the Security Rule: one group a section, one control a row."""

from typing import Any

from policies.controls import Control
from policies.report.formats.oscal import control_id, identifier, metadata, prop, text
from policies.report.model import Report
from policies.report.words import DECIDED, sections


def write(report: Report) -> str:
    """The catalog of the report's profile."""
    profile = report.profile
    return text(
        "catalog",
        {
            "uuid": identifier("catalog", profile.name, report.run.version),
            "metadata": {
                **metadata(report, profile.title),
                "props": [prop("status", profile.status), prop("source", profile.source)],
            },
            "groups": [
                {
                    "id": control_id(part),
                    "class": "section",
                    "title": title,
                    "controls": [_control(row.control) for row in rows],
                }
                for part, title, rows in sections(report.rows)
            ],
        },
    )


def _control(control: Control) -> dict[str, Any]:
    name = control_id(control.id)
    parts = [{"id": f"{name}_gdn", "name": "guidance", "prose": f"{DECIDED[control.decided]} {control.reason}"}]
    if need := control.attestation:
        prose = f"Attested by {need.who}, for {need.months} months: {need.document}"
        parts.append({"id": f"{name}_obj", "name": "assessment-objective", "prose": prose})
    return {
        "id": name,
        "class": control.kind,
        "title": control.title,
        "props": [
            prop("label", control.id, own=False),
            prop("obligation", control.obligation),
            prop("decided", control.decided.value),
        ],
        "parts": [{"id": f"{name}_smt", "name": "statement", "prose": control.title}, *parts],
    }
