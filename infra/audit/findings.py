"""Findings of AWS's own services, passed to the topic as one sentence each: no copy of the finding leaves by mail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.context import Context


@dataclass(frozen=True)
class Notice:
    """Events that match `pattern`, told as `sentence` with the values at `paths`. `service` is who finds them."""

    name: str
    service: str
    pattern: Mapping[str, Any]
    paths: Mapping[str, str]
    sentence: str


NOTICES = (
    Notice(
        name="guardduty-findings",
        service="guardduty",
        # 4 is where GuardDuty's "medium" begins:
        # https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html
        pattern={
            "source": ["aws.guardduty"],
            "detail-type": ["GuardDuty Finding"],
            "detail": {"severity": [{"numeric": [">=", 4]}]},
        },
        paths={"type": "$.detail.type", "severity": "$.detail.severity", "id": "$.detail.id", "region": "$.region"},
        sentence="GuardDuty in <region> found <type>, severity <severity>. Finding <id>.",
    ),
    Notice(
        name="security-hub-findings",
        service="securityhub",
        # Repeated with each update until somebody sets the finding's workflow status. GuardDuty's come by themselves.
        pattern={
            "source": ["aws.securityhub"],
            "detail-type": ["Security Hub Findings - Imported"],
            "detail": {
                "findings": {
                    "Severity": {"Label": ["HIGH", "CRITICAL"]},
                    "Workflow": {"Status": ["NEW"]},
                    "RecordState": ["ACTIVE"],
                    "ProductName": [{"anything-but": ["GuardDuty"]}],
                }
            },
        },
        paths={
            "title": "$.detail.findings[0].Title",
            "severity": "$.detail.findings[0].Severity.Label",
            "resource": "$.detail.findings[0].Resources[0].Id",
            "region": "$.region",
        },
        sentence="Security Hub in <region>, severity <severity>: <title> Resource <resource>.",
    ),
    Notice(
        name="backup-failures",
        service="backup",
        pattern={
            "source": ["aws.backup"],
            "detail-type": ["Backup Job State Change"],
            "detail": {"state": ["FAILED", "ABORTED", "EXPIRED"]},
        },
        paths={
            "state": "$.detail.state",
            "resource": "$.detail.resourceArn",
            "id": "$.detail.backupJobId",
            "region": "$.region",
        },
        sentence="Backup in <region> of <resource> ended as <state>. Job <id>.",
    ),
)


@dataclass(frozen=True)
class FindingsArgs:
    """`inherited` names the services whose findings somebody else is told of."""

    context: Context
    topic_arn: pulumi.Input[str]
    inherited: frozenset[str] = frozenset()


class Findings(pulumi.ComponentResource):
    """A rule on the account's event bus for each of NOTICES. Destroying it removes the rules, in any stack."""

    def __init__(self, name: str, args: FindingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Findings", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        for notice in NOTICES:
            if notice.service in args.inherited:
                continue
            rule = aws.cloudwatch.EventRule(
                notice.name,
                name=f"{args.context.name}-{notice.name}",
                event_pattern=json.dumps(notice.pattern),
                opts=here,
            )
            aws.cloudwatch.EventTarget(
                f"{notice.name}-to-topic",
                rule=rule.name,
                arn=args.topic_arn,
                input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
                    input_paths=dict(notice.paths), input_template=json.dumps(notice.sentence)
                ),
                opts=here,
            )
        self.register_outputs({})
