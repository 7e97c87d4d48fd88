"""OSCAL component definition: the policy pack as a validation component, and the rows that its rules evidence."""

from typing import Any

from policies.report.formats.oscal import CATALOG_FILE, control_id, identifier, metadata, prop, text
from policies.report.model import Report
from policies.report.rows import Row
from policies.report.rules import RuleReport


def write(report: Report) -> str:
    """What the pack checks, whatever a run came to."""
    title = f"Policy pack {report.run.pack} {report.run.version}"
    return text(
        "component-definition",
        {
            "uuid": identifier("component definition", report.profile.name, report.run.version),
            "metadata": metadata(report, title),
            "components": [
                {
                    "uuid": component(report),
                    "type": "validation",
                    "title": title,
                    "description": "Rules over the resources of a Pulumi program, each tied to rows of the Security Rule.",
                    "props": [each for item in report.rules for each in _rule(item)],
                    "control-implementations": [_implementation(report)],
                }
            ],
        },
    )


def component(report: Report) -> str:
    """UUID of the pack as a component."""
    return identifier("component", report.run.pack, report.run.version)


def _rule(item: RuleReport) -> list[dict[str, str]]:
    """One set of properties, held together by their group; Rule_Id is how other OSCAL tools name a rule."""
    name = item.rule.name
    facts = {"Rule_Id": name, "Rule_Description": item.rule.description, "Rule_Severity": item.rule.severity.value}
    return [prop(key, value, group=name) for key, value in facts.items()]


def _implementation(report: Report) -> dict[str, Any]:
    return {
        "uuid": identifier("implementation", report.profile.name, report.run.version),
        "source": CATALOG_FILE,
        "description": f"{report.profile.title}: rows that at least one rule evidences.",
        "implemented-requirements": [_requirement(report, row) for row in report.rows if row.evidence],
    }


def _requirement(report: Report, row: Row) -> dict[str, Any]:
    return {
        "uuid": identifier("requirement", report.profile.name, report.run.version, row.control.id),
        "control-id": control_id(row.control.id),
        "description": row.control.reason,
        "props": [
            prop("Rule_Id", item.rule.name, remarks=f"{strength.value} evidence") for item, strength in row.evidence
        ],
    }
