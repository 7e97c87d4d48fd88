"""Services that an account must have: from this stack, from somebody else whom it names, or a violation."""

from typing import Any

import pytest

from policies.outcomes import Outcome
from policies.rules import RULES
from policies.rules.services import DECLARATIONS, STACK
from tests.policies.world import World, change, judge, load

BY = {"by": "organization trail, account log-archive", "answers": "security@hospital.example"}
SAID = "inherited: organization trail, account log-archive, security@hospital.example answers for it"
LACKING = {
    "cloudtrail": (
        ("trail",),
        {"cloudtrail-enabled-and-protected": "stack", "s3-bucket-data-events-recorded": "bucket"},
    ),
    "config": (
        ("recorder", "pack"),
        {"config-recorder-enabled": "stack", "config-hipaa-conformance-pack-deployed": "stack"},
    ),
    "guardduty": (
        ("detector", "agent"),
        {
            "guardduty-enabled": "stack",
            "eks-guardduty-agent-installed": "cluster",
            "s3-bucket-changes-noticed": "bucket",
        },
    ),
    "securityhub": (("hub",), {"security-hub-enabled": "stack"}),
    "access-analyzer": (("analyzer",), {"access-analyzer-enabled": "stack"}),
    "backup": (
        ("plan", "selection"),
        {"backup-plan-present": "stack", "s3-bucket-copied": "bucket", "ec2-storage-backed-up": "volume"},
    ),
    "dns-query-logs": (("dns-logs",), {"dns-queries-logged": "vpc"}),
}
"""By service: what the stack then lacks, and on what the rules that miss it fall."""


def without(service: str) -> World:
    """The compliant stack without what belongs to a service."""
    world = load()
    for name in LACKING[service][0]:
        change(world, name, ())
    return world


def declared(**services: dict[str, str]) -> dict[str, Any]:
    """The component that says what is inherited."""
    return {"type": DECLARATIONS, "name": "inherited-services", "from": {}, "props": {"services": services}}


@pytest.mark.parametrize("service", LACKING)
def test_what_is_missing_and_declared_is_inherited(service: str) -> None:
    """The outcome names who runs it and who answers for it, and nothing is violated."""
    found = judge([*without(service), declared(**{service: BY})])
    for rule, subject in LACKING[service][1].items():
        assert found[rule, subject].outcome is Outcome.INHERITED
        assert found[rule, subject].messages == (SAID,)
    assert not [key for key, verdict in found.items() if verdict.outcome is Outcome.VIOLATION]


@pytest.mark.parametrize("service", LACKING)
def test_what_is_missing_and_not_declared_is_a_violation(service: str) -> None:
    """Declaring another service does not help."""
    other = next(name for name in LACKING if name != service)
    found = judge([*without(service), declared(**{other: BY})])
    violated = {key for key, verdict in found.items() if verdict.outcome is Outcome.VIOLATION}
    assert violated
    assert violated <= set(LACKING[service][1].items())


@pytest.mark.parametrize("service", LACKING)
def test_what_is_there_is_judged_whatever_is_declared(service: str) -> None:
    """A declaration hides nothing that the stack makes itself."""
    assert judge([*load(), declared(**{service: BY})]) == judge([*load(), declared()])


def test_a_stack_without_resources_in_aws_needs_no_services_there() -> None:
    """A stack of Kubernetes objects alone is not the place to look for a trail."""
    found = judge([item for item in load() if item["type"].startswith("kubernetes:")])
    for rule in RULES:
        if STACK in rule.types and rule.name != "iam-no-long-lived-credentials":
            assert found[rule.name, "stack"].outcome is Outcome.NOT_APPLICABLE
