"""Conformance packs, malware protection plans, standards, analyzers, and the block of public snapshots."""

import uuid
from typing import Any

from local.aws.lacking.kind import Kind, Params, now, short, verbs


def _conformance_pack(p: Params, arn: str) -> dict[str, Any]:
    identity = f"conformance-pack-{short(p, 'ConformancePackName')[:9]}"
    return {
        "ConformancePackId": identity,
        "ConformancePackArn": f"{arn}conformance-pack/{p['ConformancePackName']}/{identity}",
    }


def _malware_plan(_p: Params, arn: str) -> dict[str, Any]:
    identity = uuid.uuid4().hex[:20]
    return {
        "MalwareProtectionPlanId": identity,
        "Arn": f"{arn}malware-protection-plan/{identity}",
        "CreatedAt": now(),
        "Status": "ACTIVE",
    }


def _subscription(p: Params, arn: str) -> dict[str, Any]:
    """A standard's ARN ends in `standards/<name>` or, the oldest one's, `ruleset/<name>`."""
    name = p["StandardsArn"].split(":")[-1].partition("/")[2]
    return {"StandardsSubscriptionArn": f"{arn}subscription/{name}", "StandardsStatus": "READY"}


def _analyzer(p: Params, arn: str) -> dict[str, Any]:
    return {
        "arn": f"{arn}analyzer/{p['analyzerName']}",
        "name": p["analyzerName"],
        "status": "ACTIVE",
        "createdAt": now(),
    }


KINDS = (
    Kind(
        service="config",
        name="conformance pack",
        operations={
            "put_conformance_pack": "put",
            "describe_conformance_packs": "read",
            "delete_conformance_pack": "delete",
        },
        key=("ConformancePackName",),
        member="ConformancePackDetails[]",
        batch=("ConformancePackNames",),
        added=_conformance_pack,
        absent="NoSuchConformancePackException",
    ),
    Kind(
        service="guardduty",
        name="malware protection plan",
        operations=verbs("malware_protection_plan", read="get_malware_protection_plan"),
        key=("MalwareProtectionPlanId",),
        added=_malware_plan,
    ),
    Kind(
        service="securityhub",
        name="hub setting",
        operations={
            "update_security_hub_configuration": "update",
            "describe_hub": "read",
            "disable_security_hub": "delete",
        },
        over=True,
        initial={},
    ),
    Kind(
        service="securityhub",
        name="standards subscription",
        operations={
            "batch_enable_standards": "put",
            "get_enabled_standards": "read",
            "batch_disable_standards": "delete",
        },
        key=("StandardsSubscriptionArn",),
        member="StandardsSubscriptions[]",
        batch=("StandardsSubscriptionRequests", "StandardsSubscriptionArns"),
        added=_subscription,
        belongs=("describe_hub", {}),
    ),
    Kind(
        service="accessanalyzer",
        name="analyzer",
        operations=verbs("analyzer", read="get_analyzer"),
        key=("analyzerName",),
        member="analyzer",
        added=_analyzer,
        conflict="ConflictException",
    ),
    Kind(
        service="ec2",
        name="block of public access to snapshots",
        operations={
            "enable_snapshot_block_public_access": "put",
            "get_snapshot_block_public_access_state": "read",
            "disable_snapshot_block_public_access": "delete",
        },
        initial={"State": "unblocked"},
    ),
)
