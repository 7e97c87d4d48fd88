"""Breaks of rights, passwords, sessions, machines and ways out that AWS's conformance pack asks about."""

from tests.policies.breaks.broken import Break
from tests.policies.world import REMOVE

NO_LIMIT = (
    '{"Bool": {"aws:SecureTransport": "true"}}',
    '{"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}',
    '{"ArnLike": {"aws:PrincipalArn": "*"}}',
    '{"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}',
    '{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}',
)
"""Conditions that leave a statement for everybody what it is."""
DECRYPT_ALL = '{"Statement": {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"}}'
DECRYPT_KEYS = '{"Statement": {"Effect": "Allow", "Action": "kms:De*", "Resource": "arn:aws:kms:*:123456789012:key/*"}}'
ALL_BUT_IAM = '{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::other"}}'
WRITE_MODELS = '{"Statement": {"Effect": "Allow", "Action": "s3:Put*", "Resource": "arn:aws:s3:::models/sentiment/*"}}'
READ_SECRETS = '{"Statement": {"Effect": "Allow", "Action": "secretsmanager:Get*", "Resource": "*"}}'
READ_LOGS = (
    '{"Statement": {"Effect": "Allow", "Action": "logs:GetLogEvents", "Resource": '
    '"arn:aws:logs:us-east-1:123456789012:log-group:*:log-stream:*"}}'
)
PASS_ANY_ROLE = (
    '{"Statement": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/*", '
    '"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}}'
)
ALL_BUT_ONE = '{"Statement": {"Effect": "Allow", "Action": "sqs:ReceiveMessage", "NotResource": "arn:aws:sqs:::one"}}'
READ = '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::other/*"}}'
ROLE_POLICY = {"type": "aws:iam/rolePolicy:RolePolicy", "props": {"policy": READ}}
WRITING_ROLE_POLICY = {
    "type": "aws:iam/rolePolicy:RolePolicy",
    "from": {"role": "role"},
    "props": {"policy": WRITE_MODELS},
}
USER_ATTACHMENT = {
    "type": "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "props": {"policyArn": "arn:aws:iam::123456789012:policy/reader", "user": "somebody"},
}
EVERYWHERE = {"type": "aws:ec2/route:Route", "props": {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}}
PUBLIC_IPV6 = {"ipv6CidrBlock": "::/0", "gatewayId": "igw-1"}


def for_all(condition: str) -> str:
    """A policy that admits everybody who meets a condition."""
    return (
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", '
        f'"Condition": {condition}}}}}'
    )


BREAKS = (
    Break(
        "iam-policy-kms-limited", "role", ("inlinePolicies",), [{"policy": DECRYPT_ALL}], also=("iam-no-inline-policy",)
    ),
    Break("iam-policy-kms-limited", "policy", ("policy",), DECRYPT_ALL),
    Break("iam-policy-kms-limited", "policy", ("policy",), DECRYPT_KEYS),
    Break("iam-policy-no-wildcard-action", "policy", ("policy",), ALL_BUT_IAM),
    *(
        Break("iam-policy-resources-named", "policy", ("policy",), document)
        for document in (READ_SECRETS, READ_LOGS, PASS_ANY_ROLE, ALL_BUT_ONE)
    ),
    *(
        Break("iam-policy-resources-named", "attachment", ("policyArn",), f"arn:aws:iam::aws:policy/{name}")
        for name in ("ReadOnlyAccess", "AmazonS3ReadOnlyAccess", "SecretsManagerReadWrite")
    ),
    *(Break("kms-key-policy-limited", "key", ("policy",), for_all(condition)) for condition in NO_LIMIT),
    *(Break("vpc-endpoint-policy-limited", "sts-endpoint", ("policy",), for_all(item)) for item in NO_LIMIT),
    Break(
        "resource-policy-limited",
        "open-topic",
        ("new",),
        {
            "type": "aws:sns/topic:Topic",
            "props": {"kmsMasterKeyId": "arn:aws:kms:key/1", "policy": for_all(NO_LIMIT[0])},
        },
    ),
    *(
        Break("cloudtrail-enabled-and-protected", "trail", path, value)
        for path, value in (
            (("advancedEventSelectors", 0), REMOVE),
            (("advancedEventSelectors", 0, "fieldSelectors", 1), {"field": "readOnly", "equals": ["false"]}),
        )
    ),
    Break("iam-no-inline-policy", "inline", ("new",), ROLE_POLICY),
    Break("iam-no-inline-policy", "role", ("inlinePolicies",), [{"name": "reader", "policy": READ}]),
    Break("iam-user-no-policies", "roles-only", ("users",), ["somebody"]),
    Break("iam-user-no-policies", "attached", ("new",), USER_ATTACHMENT),
    *(
        Break("iam-password-policy-strong", "passwords", (name,), value)
        for name, value in (
            ("minimumPasswordLength", 8),
            ("passwordReusePrevention", 0),
            ("maxPasswordAge", 0),
            ("maxPasswordAge", 365),
            ("requireSymbols", False),
        )
    ),
    Break("iam-role-session-bounded", "role", ("maxSessionDuration",), 43200),
    Break("model-bucket-read-only", "writer", ("new",), WRITING_ROLE_POLICY, on="role", also=("iam-no-inline-policy",)),
    Break("model-bucket-read-only", "policy", ("policy",), WRITE_MODELS, on="role"),
    Break("ssm-document-not-public", "patching", ("permissions", "account_ids"), "all"),
    Break("ec2-instance-has-role", "tunnel", ("iamInstanceProfile",)),
    Break("ec2-instance-in-vpc", "tunnel", ("subnetId",)),
    Break("launch-configuration-closed", "old-machines", ("associatePublicIpAddress",), True),
    Break("launch-configuration-closed", "old-machines", ("keyName",), "administrator"),
    Break("launch-configuration-closed", "old-machines", ("metadataOptions",)),
    Break("autoscaling-group-health-checked", "machines", ("healthCheckType",)),
    Break("autoscaling-group-health-checked", "machines", ("healthCheckType",), "EC2"),
    Break("route-not-to-internet", "out", ("new",), EVERYWHERE),
    Break("route-not-to-internet", "routes", ("routes", 1), PUBLIC_IPV6),
    Break("load-balancer-certificate-managed", "https", ("certificateArn",)),
    Break(
        "load-balancer-certificate-managed",
        "https",
        ("certificateArn",),
        "arn:aws:iam::123456789012:server-certificate/x",
    ),
    Break("load-balancer-deletion-protected", "balancer", ("enableDeletionProtection",)),
    Break("load-balancer-deletion-protected", "balancer", ("enableDeletionProtection",), False),
    Break("web-acl-logged", "firewall-logs", on="firewall"),
    Break("eks-cluster-version-supported", "cluster", ("version",)),
    Break("eks-cluster-version-supported", "cluster", ("version",), "1.23"),
    Break("eks-cluster-version-supported", "cluster", ("version",), "1.31"),
)
