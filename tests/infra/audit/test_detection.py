"""Threats, weak settings and access from outside are looked for, unless somebody else does."""

import pytest

from infra.audit.detection import Detection, DetectionArgs
from tests.infra.components import Component, context, run_component

KINDS = {"guardduty": "Detector", "securityhub": "Account", "access-analyzer": "Analyzer"}


def made(*inherited: str) -> Component:
    """Detection by itself."""

    def build() -> None:
        Detection("detection", DetectionArgs(context(), frozenset(inherited)))

    return run_component(build)


@pytest.fixture(scope="module")
def detection() -> Component:
    """Detection with nothing inherited."""
    return made()


def test_guardduty_publishes_every_fifteen_minutes(detection: Component) -> None:
    """The detector is on and tells of what continues as often as it can."""
    assert detection.only("Detector") == {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES"}


def test_guardduty_watches_buckets_cluster_and_volumes(detection: Component) -> None:
    """Every plan that the stack has a use for is on."""
    plans = {each.inputs["name"]: each.inputs["status"] for each in detection.of("DetectorFeature")}
    assert plans == {
        "S3_DATA_EVENTS": "ENABLED",
        "EKS_AUDIT_LOGS": "ENABLED",
        "EBS_MALWARE_PROTECTION": "ENABLED",
        "RUNTIME_MONITORING": "ENABLED",
    }


def test_guardduty_installs_no_agent_itself(detection: Component) -> None:
    """The stack pins the agent and owns its endpoint; GuardDuty's own would keep the VPC from being deleted."""
    monitoring = detection.only("DetectorFeature", "runtime-monitoring")
    assert monitoring["additionalConfigurations"] == [
        {"name": name, "status": "DISABLED"}
        for name in ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
    ]


def test_security_hub_judges_by_two_standards(detection: Component) -> None:
    """AWS's own and NIST's standard are subscribed to by name, rather than what AWS takes for default."""
    hub = detection.only("Account")
    assert hub["enableDefaultStandards"] is False
    assert hub["controlFindingGenerator"] == "SECURITY_CONTROL"
    assert {each.inputs["standardsArn"] for each in detection.of("StandardsSubscription")} == {
        "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0",
        "arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0",
    }
    assert "security-hub" in detection.waits_for("nist-800-53")


def test_access_from_outside_the_account_is_analysed(detection: Component) -> None:
    """What the account shares with others is found."""
    assert detection.only("Analyzer") == {"analyzerName": "inference-test", "type": "ACCOUNT"}


@pytest.mark.parametrize("service", KINDS)
def test_inherited_service_is_left_out_alone(service: str) -> None:
    """A service that is declared inherited is not made, and the others are."""
    found = made(service)
    assert {name for name, kind in KINDS.items() if found.of(kind)} == set(KINDS) - {service}


def test_nothing_depends_on_what_is_inherited() -> None:
    """With everything inherited nothing is made."""
    assert not [each for each in made(*KINDS).resources if each.type.startswith("aws:")]
