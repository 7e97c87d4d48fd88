"""What AWS's services find is told in a sentence, and no more of it leaves the account."""

import json
import re

import pytest

from infra.audit.findings import NOTICES, Findings, FindingsArgs, Notice
from tests.infra.components import Component, context, run_component


def made(*inherited: str) -> Component:
    """The findings by themselves."""

    def build() -> None:
        Findings("findings", FindingsArgs(context(), "topic-arn", frozenset(inherited)))

    return run_component(build)


@pytest.fixture(scope="module")
def findings() -> Component:
    """The findings of a stack that inherits nothing."""
    return made()


def pattern(findings: Component, name: str) -> dict[str, object]:
    """What a rule looks for."""
    found: dict[str, object] = json.loads(findings.only("EventRule", name)["eventPattern"])
    return found


def test_threats_from_medium_severity_are_told(findings: Component) -> None:
    """GuardDuty's findings from severity 4 on."""
    found = pattern(findings, "guardduty-findings")
    assert found["source"] == ["aws.guardduty"]
    assert found["detail"] == {"severity": [{"numeric": [">=", 4]}]}


def test_grave_weaknesses_are_told_until_somebody_takes_them_up(findings: Component) -> None:
    """Security Hub's new high and critical findings, without GuardDuty's, which come by themselves."""
    found = pattern(findings, "security-hub-findings")
    assert found["source"] == ["aws.securityhub"]
    assert found["detail"] == {
        "findings": {
            "Severity": {"Label": ["HIGH", "CRITICAL"]},
            "Workflow": {"Status": ["NEW"]},
            "RecordState": ["ACTIVE"],
            "ProductName": [{"anything-but": ["GuardDuty"]}],
        }
    }


def test_failed_backups_are_told(findings: Component) -> None:
    """Every way in which a backup job ends without a backup."""
    found = pattern(findings, "backup-failures")
    assert found["source"] == ["aws.backup"]
    assert found["detail"] == {"state": ["FAILED", "ABORTED", "EXPIRED"]}


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.name)
def test_notice_reaches_the_topic_as_one_sentence(findings: Component, notice: Notice) -> None:
    """The target is the topic, and gets text whose every gap the event fills."""
    target = findings.only("EventTarget", f"{notice.name}-to-topic")
    assert target["arn"] == "topic-arn"
    assert target["rule"] == f"inference-test-{notice.name}"
    told = target["inputTransformer"]
    sentence = json.loads(told["inputTemplate"])
    assert set(re.findall(r"<(\w+)>", sentence)) == set(told["inputPaths"])
    assert all(path.startswith("$.") for path in told["inputPaths"].values())


@pytest.mark.parametrize("service", ["guardduty", "securityhub", "backup"])
def test_findings_of_inherited_services_are_told_elsewhere(service: str) -> None:
    """Who runs a service is told of its findings; the others are told here."""
    names = {each.name for each in made(service).of("EventRule")}
    assert names == {notice.name for notice in NOTICES if notice.service != service}
