"""Breaks of what keeps data: buckets, volumes, copies, secrets, keys."""

import json

from tests.policies.breaks.broken import Break

NOT_EVERY_ACTION = (
    '{"Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*", "Action": "backup:DeleteRecoveryPoint"}}'
)
FOR_SOME = (
    '{"Statement": {"Effect": "Deny", "Principal": "*", "Resource": "*", "Action": "backup:*", '
    '"Condition": {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}}}'
)
AWS_KEY = "arn:aws:kms:us-east-1:123456789012:alias/aws/ebs"
DEFAULT = ("rules", 0, "applyServerSideEncryptionByDefault")
WEEKLY = "cron(0 5 ? * SUN *)"
COPIED = ("s3-bucket-copied", "ec2-storage-backed-up")
ACL = {"type": "aws:s3/bucketAcl:BucketAcl", "from": {"bucket": "bucket"}, "props": {"acl": "public-read"}}
INSTANCE_WITH_DATA = [
    {"deviceName": "/dev/sdf", "encrypted": True, "kmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1"}
]

BREAKS = (
    Break("s3-bucket-acl-disabled", "bucket-owner", ("rule", "objectOwnership"), "ObjectWriter", on="bucket"),
    Break("s3-bucket-acl-disabled", "open", ("new",), ACL, on="bucket"),
    Break("s3-bucket-acl-disabled", "bucket", ("acl",), "authenticated-read"),
    Break("s3-bucket-acl-disabled", "bucket", ("grants",), [{"type": "Group", "permissions": ["READ"]}]),
    Break("s3-bucket-locked", "bucket-lock", on="bucket"),
    Break("s3-bucket-locked", "bucket-lock", ("rule",), {}, on="bucket"),
    Break("s3-bucket-copied", "selection", ("resources", 0), "arn:aws:s3:::others", on="bucket"),
    Break("s3-bucket-versions-kept", "bucket-lifecycle", on="bucket"),
    Break("s3-bucket-versions-kept", "bucket-lifecycle", ("rules", 0, "status"), "Disabled", on="bucket"),
    Break(
        "s3-bucket-versions-kept",
        "bucket-lifecycle",
        ("rules", 0, "noncurrentVersionExpiration", "noncurrentDays"),
        1,
        on="bucket",
    ),
    Break(
        "s3-bucket-changes-noticed",
        "feature-buckets",
        ("status",),
        "DISABLED",
        on="bucket",
        also=("guardduty-features-enabled",),
    ),
    Break("ebs-volume-encrypted", "volume", ("encrypted",), False),
    Break("ebs-volume-encrypted", "volume", ("kmsKeyId",)),
    Break("ebs-encryption-by-default", "ebs", on="volume"),
    Break("storage-class-encrypted", "encrypted-volumes", ("parameters", "encrypted"), "false"),
    Break("storage-class-encrypted", "encrypted-volumes", ("parameters", "kmsKeyId")),
    Break("storage-class-encrypted", "encrypted-volumes", ("parameters",)),
    Break("ec2-storage-backed-up", "selection", ("resources", 1), "arn:aws:ec2:*:*:instance/*", on="volume"),
    Break("ec2-storage-backed-up", "tunnel", ("rootBlockDevice", "deleteOnTermination"), False),
    Break("ec2-storage-backed-up", "tunnel", ("ebsBlockDevices",), INSTANCE_WITH_DATA),
    Break("backup-plan-present", "plan", ("rules", 0, "schedule"), WEEKLY),
    Break("backup-plan-present", "plan", ("rules", 0, "schedule"), "rate(2 days)"),
    Break("backup-plan-present", "selection", on="plan", also=COPIED),
    Break("backup-plan-present", "selection", ("resources",), [], on="plan", also=COPIED),
    Break("backup-deletion-denied", "vault-policy", on="vault"),
    Break("backup-deletion-denied", "vault-policy", ("policy",), NOT_EVERY_ACTION, on="vault"),
    Break("backup-deletion-denied", "vault-policy", ("policy",), FOR_SOME, on="vault"),
    Break("secret-encrypted-kms", "api-key", ("kmsKeyId",)),
    Break("secret-encrypted-kms", "api-key", ("kmsKeyId",), "alias/aws/secretsmanager"),
    Break("secret-rotated", "api-key-rotation", on="api-key"),
    Break("secret-rotated", "api-key-rotation", ("rotationRules",), {}, on="api-key"),
    Break("secret-rotated", "api-key-rotation", ("rotationRules", "automaticallyAfterDays"), 365, on="api-key"),
    Break("secret-rotated", "api-key-rotation", ("rotationEnabled",), False, on="api-key"),
    Break("backup-plan-present", "plan", ("rules",), []),
    *(
        Break(rule, name, path, AWS_KEY, on=on)
        for rule, name, path, on in (
            ("backup-vault-encrypted", "vault", ("kmsKeyArn",), ""),
            ("cloudtrail-enabled-and-protected", "trail", ("kmsKeyId",), ""),
            ("ebs-volume-encrypted", "volume", ("kmsKeyId",), ""),
            ("ec2-instance-volumes-encrypted", "tunnel", ("rootBlockDevice", "kmsKeyId"), ""),
            ("ecr-repository-encrypted-kms", "repository", ("encryptionConfigurations", 0, "kmsKey"), ""),
            ("eks-cluster-secrets-encrypted", "cluster", ("encryptionConfig", "provider", "keyArn"), ""),
            ("launch-template-volumes-encrypted", "template", ("blockDeviceMappings", 0, "ebs", "kmsKeyId"), ""),
            ("log-group-encrypted", "logs", ("kmsKeyId",), ""),
            ("s3-bucket-encrypted-kms", "bucket-encryption", (*DEFAULT, "kmsMasterKeyId"), "bucket"),
            ("secret-encrypted-kms", "api-key", ("kmsKeyId",), ""),
            ("sns-topic-encrypted", "alarms", ("kmsMasterKeyId",), ""),
            ("storage-class-encrypted", "encrypted-volumes", ("parameters", "kmsKeyId"), ""),
        )
    ),
    Break("kms-key-deletion-delayed", "key", ("deletionWindowInDays",), 7),
    Break(
        "ecr-repository-immutable",
        "cached",
        ("new",),
        {
            "type": "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
            "props": {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "arn:aws:kms:key/1"}]},
        },
    ),
    Break(
        "ecr-repository-encrypted-kms",
        "cached",
        ("new",),
        {
            "type": "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
            "props": {"imageTagMutability": "IMMUTABLE"},
        },
    ),
    Break(
        "resource-policy-limited",
        "bucket-policy",
        ("policy",),
        json.dumps(
            {
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": "*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                    {"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "s3:GetObject", "Resource": "*"},
                ]
            }
        ),
    ),
)
