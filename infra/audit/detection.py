"""Threats, weak settings and access from outside, found by AWS: 164.308(a)(1)(ii)(A), (a)(5)(ii)(B), (a)(6)(ii)."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context

PROTECTION_PLANS = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION")
"""What of GuardDuty's the stack has a use for; the ones for databases and functions stay as AWS sets them."""
AGENTS = ("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT")
"""Ways in which GuardDuty would install its runtime agent itself."""
STANDARDS: Mapping[str, str] = {
    "foundational-best-practices": "aws-foundational-security-best-practices/v/1.0.0",
    "nist-800-53": "nist-800-53/v/5.0.0",
}
"""Standards of Security Hub. NIST SP 800-66r2 maps the Security Rule to the controls of NIST SP 800-53r5."""


@dataclass(frozen=True)
class DetectionArgs:
    """`inherited` names the services that somebody else runs: `guardduty`, `securityhub`, `access-analyzer`."""

    context: Context
    inherited: frozenset[str] = frozenset()


class Detection(pulumi.ComponentResource):
    """GuardDuty, Security Hub and IAM Access Analyzer, each unless it is inherited.

    They belong to the account and region: one of each. Security Hub judges what AWS Config records, so give the
    recorder as a dependency. Destroying it, in any stack, turns them off and deletes their findings; what was sent to
    the topic was sent.
    """

    def __init__(self, name: str, args: DetectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Detection", name, None, opts)
        self._context = args.context
        self._here = pulumi.ResourceOptions(parent=self)
        if "guardduty" not in args.inherited:
            self._guardduty()
        if "securityhub" not in args.inherited:
            self._security_hub()
        if "access-analyzer" not in args.inherited:
            # Access from outside the account is analysed for free. Unused access is charged by role and month, and
            # the roles of a stack are written down in it, where a review sees them.
            aws.accessanalyzer.Analyzer(
                "external-access", analyzer_name=self._context.name, type="ACCOUNT", opts=self._here
            )
        self.register_outputs({})

    def _guardduty(self) -> None:
        detector = aws.guardduty.Detector(
            "detector", enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self._here
        )
        for plan in PROTECTION_PLANS:
            aws.guardduty.DetectorFeature(
                plan.lower().replace("_", "-"), detector_id=detector.id, name=plan, status="ENABLED", opts=self._here
            )
        # The cluster's add-ons hold the agent, pinned, and the network its endpoint. Managed by GuardDuty, both would
        # appear unasked in the VPC, together with a security group that stops the VPC from being deleted.
        aws.guardduty.DetectorFeature(
            "runtime-monitoring",
            detector_id=detector.id,
            name="RUNTIME_MONITORING",
            status="ENABLED",
            additional_configurations=[
                aws.guardduty.DetectorFeatureAdditionalConfigurationArgs(name=agent, status="DISABLED")
                for agent in AGENTS
            ],
            opts=self._here,
        )

    def _security_hub(self) -> None:
        account = self._context.account
        hub = aws.securityhub.Account(
            "security-hub",
            enable_default_standards=False,
            control_finding_generator="SECURITY_CONTROL",
            auto_enable_controls=True,
            opts=self._here,
        )
        for use, standard in STANDARDS.items():
            aws.securityhub.StandardsSubscription(
                use,
                standards_arn=pulumi.Output.concat(
                    "arn:", account.partition, f":securityhub:{account.region}::standards/{standard}"
                ),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[hub]),
            )
