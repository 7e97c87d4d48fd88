"""What in the records somebody must be told of, as data: patterns over CloudTrail's and Kubernetes' audit events.

"CIS" is the CIS AWS Foundations Benchmark 1.4.0, section 4, whose 4.15 (AWS Organizations) concerns the organisation's
own account and whose 4.16 is infra/audit/detection.py. Patterns are those of CloudWatch Logs for JSON:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from dataclasses import dataclass

from infra.access_groups import ADMINISTRATOR, group

MAXIMUM_PATTERN = 1024
"""Characters of a pattern: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html"""


@dataclass(frozen=True)
class Signal:
    """`meaning` is what the reader of the alarm is told; `threshold` is how many events in five minutes raise it."""

    name: str
    meaning: str
    pattern: str
    source: str
    threshold: int = 1


def _any(selector: str, values: str) -> str:
    return "(" + " || ".join(f'({selector} = "{value}")' for value in values.split()) + ")"


def _calls(names: str, *, to: str) -> str:
    return f'{{ ($.eventSource = "{to}.amazonaws.com") && {_any("$.eventName", names)} }}'


_FAILED = '($.eventName = "ConsoleLogin") && ($.errorMessage = "Failed authentication")'
_WITHOUT_MFA = (
    '($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
    '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success")'
)
_ROOT = '($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent")'
_DENIED = (
    '(($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.eventName != "HeadBucket")'
)

TRAIL_SIGNALS = (
    Signal("root-used", "The account's root user acted.", f"{{ {_ROOT} }}", "CIS 4.3"),
    Signal("console-without-mfa", "A user signed in to the console without MFA.", f"{{ {_WITHOUT_MFA} }}", "CIS 4.2"),
    Signal("console-sign-in-failed", "Sign-ins to the console fail.", f"{{ {_FAILED} }}", "CIS 4.6", threshold=3),
    Signal("calls-denied", "Calls are refused: somebody tries what they may not.", f"{{ {_DENIED} }}", "CIS 4.1", 10),
    Signal(
        "iam-policy-changed",
        "Rights or trust in IAM changed.",
        _calls(
            "DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy "
            "CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion SetDefaultPolicyVersion "
            "AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy "
            "DetachGroupPolicy UpdateAssumeRolePolicy",
            to="iam",
        ),
        "CIS 4.4",
    ),
    Signal(
        "kms-key-endangered",
        "A key was disabled, scheduled for deletion or got another policy.",
        _calls("DisableKey ScheduleKeyDeletion DisableKeyRotation PutKeyPolicy", to="kms"),
        "CIS 4.7",
    ),
    Signal(
        "bucket-policy-changed",
        "Access to a bucket, or how long it keeps its objects, changed.",
        _calls(
            "PutBucketAcl PutBucketPolicy DeleteBucketPolicy PutBucketCors DeleteBucketCors PutBucketLifecycle "
            "DeleteBucketLifecycle PutBucketReplication DeleteBucketReplication PutBucketPublicAccessBlock "
            "DeleteBucketPublicAccessBlock PutAccountPublicAccessBlock PutBucketVersioning",
            to="s3",
        ),
        "CIS 4.8",
    ),
    Signal(
        "security-group-changed",
        "A security group changed.",
        _calls(
            "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
            "RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup ModifySecurityGroupRules",
            to="ec2",
        ),
        "CIS 4.10",
    ),
    Signal(
        "network-acl-changed",
        "A network ACL changed.",
        _calls(
            "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry "
            "ReplaceNetworkAclAssociation",
            to="ec2",
        ),
        "CIS 4.11",
    ),
    Signal(
        "gateway-changed",
        "A gateway out of a VPC was made, attached or removed.",
        _calls(
            "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway "
            "DeleteInternetGateway DetachInternetGateway CreateNatGateway CreateEgressOnlyInternetGateway",
            to="ec2",
        ),
        "CIS 4.12",
    ),
    Signal(
        "route-changed",
        "A route changed.",
        _calls(
            "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute "
            "DisassociateRouteTable",
            to="ec2",
        ),
        "CIS 4.13",
    ),
    Signal(
        "vpc-changed",
        "A VPC, its endpoints or its peering changed.",
        _calls(
            "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection "
            "DeleteVpcPeeringConnection RejectVpcPeeringConnection CreateVpcEndpoint ModifyVpcEndpoint "
            "DeleteVpcEndpoints",
            to="ec2",
        ),
        "CIS 4.14",
    ),
    Signal(
        "recording-stopped",
        "A trail, AWS Config's recorder or a flow log was stopped, deleted or narrowed.",
        "{ "
        + _any(
            "$.eventName",
            "StopLogging DeleteTrail UpdateTrail PutEventSelectors StopConfigurationRecorder "
            "DeleteConfigurationRecorder PutConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel "
            "DeleteConformancePack DeleteFlowLogs DeleteLogGroup DeleteLogStream PutRetentionPolicy "
            "DeleteRetentionPolicy DisassociateKmsKey DeleteResolverQueryLogConfig",
        )
        + " }",
        "CIS 4.5, 4.9",
    ),
    Signal(
        "detection-stopped",
        "A detector, an alarm or the way to this topic was removed or silenced.",
        "{ "
        + _any(
            "$.eventName",
            "DeleteDetector UpdateDetector DisableSecurityHub BatchDisableStandards DeleteAnalyzer DeleteMetricFilter "
            "DeleteAlarms DisableAlarmActions DisableRule DeleteRule RemoveTargets DeleteTopic SetTopicAttributes "
            "Unsubscribe DeleteBackupVault DeleteBackupPlan DeleteBackupVaultAccessPolicy DeleteRecoveryPoint",
        )
        + " }",
        "164.308(a)(1)(ii)(D)",
    ),
    Signal(
        "cluster-access-changed",
        "Who gets into a cluster, or its endpoint or logs, changed.",
        _calls(
            "CreateAccessEntry UpdateAccessEntry DeleteAccessEntry AssociateAccessPolicy DisassociateAccessPolicy "
            "UpdateClusterConfig CreatePodIdentityAssociation UpdatePodIdentityAssociation",
            to="eks",
        ),
        "164.308(a)(4)(ii)(C)",
    ),
)
"""Signals in the records of CloudTrail."""

_PERSON = '($.user.username != "system:*") && ($.user.username != "eks:*")'
"""Neither Kubernetes' own users and service accounts nor those by which AWS runs the control plane."""
_PROBES = " && ".join(f'($.requestURI != "{path}*")' for path in ("/healthz", "/livez", "/readyz", "/version"))
_RBAC = '($.objectRef.apiGroup = "rbac.authorization.k8s.io")'

CLUSTER_SIGNALS = (
    Signal(
        "kubernetes-secret-read",
        "A person read Secrets.",
        f'{{ ($.objectRef.resource = "secrets") && {_any("$.verb", "get list watch")} && {_PERSON} }}',
        "164.308(a)(1)(ii)(D)",
    ),
    Signal(
        "kubernetes-pod-entered",
        "Somebody ran a command in a pod, attached to one or opened a port to it.",
        '{ ($.objectRef.resource = "pods") && '
        + _any("$.objectRef.subresource", "exec attach portforward ephemeralcontainers proxy")
        + " }",
        "164.308(a)(1)(ii)(D)",
    ),
    Signal(
        "kubernetes-anonymous-admitted",
        "The API server answered somebody who did not say who they are.",
        f'{{ ($.user.username = "system:anonymous") && ($.responseStatus.code < 400) && {_PROBES} }}',
        "164.312(d)",
    ),
    Signal(
        "kubernetes-rights-changed",
        "A person changed roles or bindings in the cluster.",
        f"{{ {_RBAC} && {_any('$.verb', 'create update patch delete deletecollection')} && {_PERSON} }}",
        "164.308(a)(4)(ii)(C)",
    ),
    Signal(
        "kubernetes-glass-broken",
        "Somebody used the administrator's access to the cluster, which is for the first update and for emergencies.",
        f'{{ $.user.username = "{group(ADMINISTRATOR)}:*" }}',
        "164.308(a)(4)(ii)(B)",
    ),
)
"""Signals in the audit events of the cluster's API server."""
