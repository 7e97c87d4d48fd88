"""Breaks of the cluster, its network, keys, stores and identities."""

from tests.policies.breaks.broken import Break

EVERYBODY = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
FEDERATED = (
    '{"Statement": [{"Effect": "Allow", "Principal": {"Federated": "x"}, "Action": "sts:AssumeRoleWithWebIdentity", '
    '"Condition": {"StringEquals": {"issuer:aud": "sts.amazonaws.com"}}}]}'
)
ALLOW_ALL = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
ALLOW_S3 = '{"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:*"], "Resource": "*"}}'
OPEN_KEY = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}}'
OPEN_TO_SERVICE = (
    '{"Statement": {"Effect": "Allow", "Principal": {"Service": "logs.us-east-1.amazonaws.com"}, '
    '"Action": "kms:Decrypt", "Resource": "*"}}'
)
CONFIG_FOR_ANYBODY = (
    '{"Statement": {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
)
CONFIG_FOR_OTHERS = (
    '{"Statement": {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole", '
    '"Condition": {"StringNotEquals": {"aws:SourceAccount": "123456789012"}}}}'
)
DENY_WITHOUT_TLS = (
    '{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", '
    '"Condition": {"Bool": {"aws:SecureTransport": "false"}}}'
)
OPEN_BUCKET = (
    f'{{"Statement": [{DENY_WITHOUT_TLS}, '
    '{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'
)
BUCKET_FOR_ANY_TRAIL = (
    f'{{"Statement": [{DENY_WITHOUT_TLS}, {{"Effect": "Allow", "Principal": {{"Service": "cloudtrail.amazonaws.com"}}, '
    '"Action": "s3:PutObject", "Resource": "arn:aws:s3:::trail/*"}]}'
)
NAMED_AND_READ_ONLY = ("iam-policy-resources-named", "model-bucket-read-only")
DENY_SOME_WITHOUT_TLS = (
    '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": '
    '{"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalAccount": "123456789012"}}}]}'
)
KEY_FOR_A_ROLE = (
    '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/reader"}, '
    '"Action": "kms:*", "Resource": "*"}}'
)
EVERY_STS = (
    '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/ci"}, "Action": "sts:*"}}'
)
NO_DENY = '{"Statement": []}'

BREAKS = (
    Break("eks-cluster-endpoint-private", "cluster", ("vpcConfig", "endpointPublicAccess"), True),
    Break("eks-cluster-endpoint-private", "cluster", ("vpcConfig", "endpointPublicAccess")),
    Break("eks-cluster-endpoint-private", "cluster", ("vpcConfig", "endpointPrivateAccess"), False),
    Break("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig",)),
    Break("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig", "provider")),
    Break("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig", "resources"), []),
    Break("eks-cluster-logs-enabled", "cluster", ("enabledClusterLogTypes", 1)),
    Break("eks-cluster-logs-enabled", "cluster", ("enabledClusterLogTypes",)),
    Break("eks-access-entries-only", "cluster", ("accessConfig", "authenticationMode"), "API_AND_CONFIG_MAP"),
    Break("eks-access-entries-only", "cluster", ("accessConfig", "bootstrapClusterCreatorAdminPermissions")),
    Break(
        "eks-cluster-admin-break-glass-only",
        "administrator-access",
        ("kubernetesGroups", 0),
        "inference:deployer",
        on="administrator-policy",
    ),
    Break(
        "eks-cluster-admin-break-glass-only",
        "edit",
        ("new",),
        {
            "type": "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            "props": {
                "principalArn": "arn:aws:iam::123456789012:role/deployer",
                "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy",
            },
        },
    ),
    Break("eks-node-group-launch-template", "nodes", ("launchTemplate",)),
    Break("eks-node-group-launch-template", "nodes", ("remoteAccess",), {"ec2SshKey": "key"}),
    Break("ebs-encryption-by-default", "ebs", on="nodes"),
    Break("ebs-encryption-by-default", "ebs", ("enabled",), False, on="nodes"),
    Break("launch-template-imdsv2-required", "template", ("metadataOptions", "httpTokens"), "optional"),
    Break("launch-template-imdsv2-required", "template", ("metadataOptions", "httpPutResponseHopLimit"), 2),
    Break("launch-template-volumes-encrypted", "template", ("blockDeviceMappings", 0, "ebs", "encrypted"), "false"),
    Break("launch-template-volumes-encrypted", "template", ("blockDeviceMappings", 0, "ebs", "kmsKeyId")),
    Break("launch-template-volumes-encrypted", "template", ("blockDeviceMappings",)),
    Break("launch-template-no-public-ip", "template", ("networkInterfaces", 0, "associatePublicIpAddress"), "true"),
    Break("subnet-no-public-ip", "subnet", ("mapPublicIpOnLaunch",), True),
    Break("security-group-no-open-ingress", "group", ("ingress", 0, "cidrBlocks", 0), "0.0.0.0/0"),
    Break("security-group-no-open-ingress", "group", ("ingress", 0, "ipv6CidrBlocks"), ["::/0"]),
    Break("security-group-no-open-ingress", "ingress", ("cidrIpv4",), "0.0.0.0/1"),
    Break("security-group-no-open-ingress", "ingress", ("cidrIpv6",), "2001:db8::/32"),
    Break(
        "vpc-no-internet-gateway",
        "internet",
        ("new",),
        {"type": "aws:ec2/internetGateway:InternetGateway", "props": {}, "from": {"vpcId": "vpc"}},
        on="vpc",
    ),
    Break("vpc-default-security-group-closed", "default-closed", on="vpc"),
    Break("vpc-default-security-group-closed", "default-closed", ("ingress", 0), {"protocol": "-1"}, on="vpc"),
    Break("vpc-flow-logs-enabled", "flow-log", on="vpc"),
    Break("vpc-flow-logs-enabled", "flow-log", ("trafficType",), "REJECT", on="vpc"),
    Break("s3-bucket-public-access-blocked", "bucket-block", on="bucket"),
    *(
        Break("s3-bucket-public-access-blocked", "bucket-block", (name,), False, on="bucket")
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    ),
    Break("s3-bucket-encrypted-kms", "bucket-encryption", on="bucket"),
    Break(
        "s3-bucket-encrypted-kms",
        "bucket-encryption",
        ("rules", 0, "applyServerSideEncryptionByDefault", "sseAlgorithm"),
        "AES256",
        on="bucket",
    ),
    Break(
        "s3-bucket-encrypted-kms",
        "bucket-encryption",
        ("rules", 0, "applyServerSideEncryptionByDefault", "kmsMasterKeyId"),
        on="bucket",
    ),
    Break("s3-bucket-tls-only", "bucket-policy", on="bucket"),
    Break("s3-bucket-tls-only", "bucket-policy", ("policy",), NO_DENY, on="bucket"),
    Break("s3-bucket-tls-only", "bucket-policy", ("policy",), DENY_SOME_WITHOUT_TLS, on="bucket"),
    Break("s3-bucket-versioned", "bucket-versioning", on="bucket"),
    Break("s3-bucket-versioned", "bucket-versioning", ("versioningConfiguration", "status"), "Suspended", on="bucket"),
    Break("kms-key-rotation-enabled", "key", ("enableKeyRotation",)),
    Break("kms-key-policy-limited", "key", ("policy",), OPEN_KEY),
    Break("kms-key-policy-limited", "key", ("policy",), OPEN_TO_SERVICE),
    Break("kms-key-policy-limited", "key", ("policy",), KEY_FOR_A_ROLE),
    Break("resource-policy-limited", "archive-policy", ("policy",), BUCKET_FOR_ANY_TRAIL),
    Break("resource-policy-limited", "bucket-policy", ("policy",), OPEN_BUCKET),
    Break("iam-role-service-trust-limited", "config-role", ("assumeRolePolicy",), CONFIG_FOR_ANYBODY),
    Break("iam-role-service-trust-limited", "config-role", ("assumeRolePolicy",), CONFIG_FOR_OTHERS),
    Break("ecr-repository-immutable", "repository", ("imageTagMutability",), "MUTABLE"),
    Break("ecr-repository-scanned", "repository", ("imageScanningConfiguration",)),
    Break("ecr-repository-encrypted-kms", "repository", ("encryptionConfigurations", 0, "encryptionType"), "AES256"),
    Break("log-group-encrypted", "logs", ("kmsKeyId",)),
    Break("log-group-retained", "logs", ("retentionInDays",), 30),
    Break("log-group-retained", "logs", ("retentionInDays",), 2190),
    Break(
        "iam-policy-no-wildcard-action",
        "policy",
        ("policy",),
        ALLOW_ALL,
        also=("iam-policy-kms-limited", "iam-policy-resources-named", "model-bucket-read-only"),
    ),
    Break("iam-policy-no-wildcard-action", "policy", ("policy",), ALLOW_S3, also=NAMED_AND_READ_ONLY),
    *(
        Break("iam-policy-no-wildcard-action", "attachment", ("policyArn",), f"arn:aws:iam::aws:policy/{name}")
        for name in ("AdministratorAccess", "AmazonS3FullAccess", "job-function/PowerUserAccess")
    ),
    Break("iam-role-trust-limited", "role", ("assumeRolePolicy",), FEDERATED),
    Break("iam-role-trust-limited", "role", ("assumeRolePolicy",), EVERYBODY),
    Break("iam-role-trust-limited", "role", ("assumeRolePolicy",), EVERY_STS),
    Break("iam-no-long-lived-credentials", "user", ("new",), {"type": "aws:iam/user:User", "props": {}}, on="stack"),
)
