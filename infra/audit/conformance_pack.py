"""The conformance pack of AWS Config, made from the table in hipaa_rules.yaml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

RULES_FILE = Path(__file__).with_name("hipaa_rules.yaml")
MAXIMUM_BYTES = 51_200
"""What AWS takes as a template's body: https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html"""
MAXIMUM_RULES = 130
"""Rules in a pack: https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""


def rules() -> dict[str, dict[str, Any]]:
    """What hipaa_rules.yaml says, by the rule's name."""
    read: dict[str, dict[str, Any] | None] = yaml.safe_load(RULES_FILE.read_text())
    return {name: entry or {} for name, entry in read.items()}


def template() -> str:
    """The template's body in YAML."""
    resources = {_logical_id(name): _rule(name, entry) for name, entry in rules().items()}
    return yaml.safe_dump({"Resources": resources}, sort_keys=True)


def _rule(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ConfigRuleName": name,
        "Source": {"Owner": "AWS", "SourceIdentifier": entry.get("identifier", name.upper().replace("-", "_"))},
    }
    if types := entry.get("types"):
        properties["Scope"] = {"ComplianceResourceTypes": [f"AWS::{kind}" for kind in types]}
    if parameters := entry.get("parameters"):
        # AWS Config takes numbers and booleans as text.
        properties["InputParameters"] = {key: str(value) for key, value in parameters.items()}
    if description := entry.get("description"):
        properties["Description"] = description
    return {"Type": "AWS::Config::ConfigRule", "Properties": properties}


def _logical_id(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))
