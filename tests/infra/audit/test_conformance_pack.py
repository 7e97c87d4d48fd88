"""The conformance pack is one that AWS Config takes, with every rule of AWS's HIPAA pack."""

import re
from typing import Any

import pytest
import yaml

from infra.audit import conformance_pack


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    """The resources of the template as AWS reads them."""
    found: dict[str, Any] = yaml.safe_load(conformance_pack.template())["Resources"]
    return found


def test_template_fits_into_a_request() -> None:
    """AWS Config takes 51,200 bytes as a template's body."""
    assert len(conformance_pack.template().encode()) <= conformance_pack.MAXIMUM_BYTES


def test_template_is_the_same_each_time() -> None:
    """Nothing changes in a preview where no rule changed."""
    assert conformance_pack.template() == conformance_pack.template()


def test_every_rule_is_there_once(resources: dict[str, Any]) -> None:
    """As many rules as AWS's pack has, and as one pack may have; no name and no identifier twice."""
    assert len(resources) == len(conformance_pack.rules()) == conformance_pack.MAXIMUM_RULES
    sources = [each["Properties"]["Source"]["SourceIdentifier"] for each in resources.values()]
    assert len(set(sources)) == len(sources)


def test_every_resource_is_a_rule_that_aws_manages(resources: dict[str, Any]) -> None:
    """Logical ids, identifiers, types and parameters have the forms that AWS asks for."""
    for logical_id, resource in resources.items():
        properties = resource["Properties"]
        assert re.fullmatch(r"[A-Za-z0-9]+", logical_id)
        assert resource["Type"] == "AWS::Config::ConfigRule"
        assert properties["Source"]["Owner"] == "AWS"
        assert re.fullmatch(r"[A-Z0-9_]+", properties["Source"]["SourceIdentifier"])
        for kind in properties.get("Scope", {}).get("ComplianceResourceTypes", ()):
            assert re.fullmatch(r"AWS::\w+::\w+", kind)
        assert all(isinstance(value, str) for value in properties.get("InputParameters", {}).values())


@pytest.mark.parametrize(
    ("rule", "identifier"),
    [
        ("cloud-trail-encryption-enabled", "CLOUD_TRAIL_ENCRYPTION_ENABLED"),
        ("cloudtrail-enabled", "CLOUD_TRAIL_ENABLED"),
        ("restricted-ssh", "INCOMING_SSH_DISABLED"),
        ("guardduty-enabled-centralized", "GUARDDUTY_ENABLED_CENTRALIZED"),
        ("backup-recovery-point-manual-deletion-disabled", "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"),
        ("annual-risk-assessment-performed", "AWS_CONFIG_PROCESS_CHECK"),
    ],
)
def test_rule_has_awss_identifier(resources: dict[str, Any], rule: str, identifier: str) -> None:
    """The identifier is the name in capitals unless the table says otherwise."""
    (found,) = [each["Properties"] for each in resources.values() if each["Properties"]["ConfigRuleName"] == rule]
    assert found["Source"]["SourceIdentifier"] == identifier


def test_parameters_and_types_reach_the_template(resources: dict[str, Any]) -> None:
    """What the table says of a rule is what AWS gets."""
    ports = resources["RestrictedCommonPorts"]["Properties"]
    assert ports["InputParameters"]["blockedPort3"] == "3389"
    assert ports["Scope"] == {"ComplianceResourceTypes": ["AWS::EC2::SecurityGroup"]}
    keys = resources["AccessKeysRotated"]["Properties"]
    assert keys["InputParameters"] == {"maxAccessKeyAge": "90"}
    assert "Scope" not in keys
