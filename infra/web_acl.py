"""AWS WAF before the gateway: what is refused or slowed down before it costs the gateway anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import policy_document

WINDOW_S = 300
REQUESTS_PER_WINDOW = 12_000
"""Most requests of one address in WINDOW_S: 40 a second, twice what the load tests send."""

MANAGED_RULES: Mapping[str, Sequence[str]] = {
    "AWSManagedRulesCommonRuleSet": (
        # It refuses bodies over 8 KiB, which is all that WAF sees of a body behind a load balancer and cannot be
        # raised [1]. The gateway takes, and limits, 256 KiB.
        "SizeRestrictions_BODY",
        # A clinical text may hold markup, paths and addresses. The gateway reads it as one JSON string and nothing
        # renders, opens or fetches what it says, so that a refusal would lose a text and gain nothing.
        "CrossSiteScripting_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        # Interface engines need not name themselves; who calls is known by the token.
        "NoUserAgent_HEADER",
    ),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
}
"""Rule groups that AWS keeps up to date [2], and which of their rules only count.

The list of addresses with a bad reputation is not among them: it holds addresses of the internet, and clients are
private networks.

[1] https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
[2] https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
"""

PROTECTED = {"BODY": None, "QUERY_STRING": None, "SINGLE_HEADER": ["authorization", "cookie"]}
"""Parts of a request that never leave WAF, by type and keys: rules quote what they matched, of a body as well."""


@dataclass(frozen=True)
class WebAclArgs:
    """`resource_arn` is the load balancer that the web ACL guards; the key encrypts its log."""

    context: Context
    resource_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]


class WebAcl(pulumi.ComponentResource):
    """A regional web ACL, its association, and a log of every request without tokens, queries and bodies.

    Requests are not sampled: samples are a second store of requests, without a key or a retention of ours. While WAF
    cannot be reached the load balancer answers 500: it fails closed.
    """

    name: str

    def __init__(self, name: str, args: WebAclArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:edge:WebAcl", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self.name = args.context.name
        acl = aws.wafv2.WebAcl(
            "web-acl",
            name=self.name,
            description="Requests to the gateway",
            scope="REGIONAL",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=[
                _rate_limit(),
                *(_managed(priority, group) for priority, group in enumerate(MANAGED_RULES, start=1)),
            ],
            data_protection_config=_protection(),
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(
                cloudwatch_metrics_enabled=True, metric_name=self.name, sampled_requests_enabled=False
            ),
            opts=self._here,
        )
        logging = self._log(acl)
        # Guarding starts once the log is there: no request goes unrecorded.
        aws.wafv2.WebAclAssociation(
            "web-acl-association",
            resource_arn=args.resource_arn,
            web_acl_arn=acl.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logging]),
        )
        self.register_outputs({"name": self.name})

    def _log(self, acl: aws.wafv2.WebAcl) -> pulumi.Resource:
        context = self._args.context
        group = aws.cloudwatch.LogGroup(
            "web-acl-logs",
            name=f"aws-waf-logs-{context.name}",  # WAF takes no other beginning
            kms_key_id=self._args.logs_key_arn,
            retention_in_days=context.log_retention_days,
            opts=self._here,
        )
        delivery = aws.cloudwatch.LogResourcePolicy(
            "web-acl-log-delivery",
            policy_name=f"{context.name}-web-acl-logs",
            policy_document=policy_document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "delivery.logs.amazonaws.com"},
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": pulumi.Output.concat(group.arn, ":*"),
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": context.account.id},
                        "ArnLike": {"aws:SourceArn": context.account.arn("logs", "*")},
                    },
                }
            ),
            opts=self._here,
        )
        return aws.wafv2.WebAclLoggingConfiguration(
            "web-acl-logging",
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[delivery]),
        )


def _rate_limit() -> aws.wafv2.WebAclRuleArgs:
    too_many = aws.wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=429)
    return aws.wafv2.WebAclRuleArgs(
        name="rate-limit",
        priority=0,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs(custom_response=too_many)),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            rate_based_statement=aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
                aggregate_key_type="IP", limit=REQUESTS_PER_WINDOW, evaluation_window_sec=WINDOW_S
            )
        ),
        visibility_config=_visibility("rate-limit"),
    )


def _managed(priority: int, group: str) -> aws.wafv2.WebAclRuleArgs:
    count = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs(
        count=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs()
    )
    no_override = aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]  # it has no arguments
    return aws.wafv2.WebAclRuleArgs(
        name=group,
        priority=priority,
        override_action=aws.wafv2.WebAclRuleOverrideActionArgs(none=no_override),
        statement=aws.wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                vendor_name="AWS",
                name=group,
                rule_action_overrides=[
                    aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs(
                        name=rule, action_to_use=count
                    )
                    for rule in MANAGED_RULES[group]
                ],
            )
        ),
        visibility_config=_visibility(group),
    )


def _visibility(metric: str) -> aws.wafv2.WebAclRuleVisibilityConfigArgs:
    return aws.wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )


def _protection() -> aws.wafv2.WebAclDataProtectionConfigArgs:
    return aws.wafv2.WebAclDataProtectionConfigArgs(
        data_protections=[
            aws.wafv2.WebAclDataProtectionConfigDataProtectionArgs(
                action="SUBSTITUTION",
                field=aws.wafv2.WebAclDataProtectionConfigDataProtectionFieldArgs(field_type=kind, field_keys=keys),
            )
            for kind, keys in PROTECTED.items()
        ]
    )
