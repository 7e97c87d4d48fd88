"""Examples: Keys, log groups and IAM."""

from collections.abc import Mapping

from tests.local.aws.examples.common import ACCOUNT, KEY_POLICY, POLICY, TRUST, Example, key

TAGS = {"tags": {"owner": "platform"}}

EXAMPLES: Mapping[str, Example] = {
    "aws:kms/key:Key": Example(
        inputs=lambda _: {
            "description": "models",
            "enableKeyRotation": True,
            "policy": KEY_POLICY,
            "deletionWindowInDays": 7,
            "tags": {"a": "b"},
        },
        update={"description": "all models", "enableKeyRotation": False, **TAGS},
        outputs={"arn": r"arn:aws:kms:us-east-1:123456789012:key/[\w-]+", "keyId": r"[\w-]{36}"},
    ),
    "aws:kms/alias:Alias": Example(
        inputs=lambda r: {"name": "alias/models", "targetKeyId": r("aws:kms/key:Key", "keyId")},
        outputs={"targetKeyArn": r"arn:aws:kms:.*:key/.*", "arn": r"arn:aws:kms:.*:alias/models"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Example(
        inputs=lambda r: {"name": "/aws/eks/inference", "retentionInDays": 365, "kmsKeyId": key(r), "tags": {"a": "b"}},
        update={"retentionInDays": 731, **TAGS},
        outputs={"arn": r"arn:aws:logs:.*:log-group:/aws/eks/inference"},
    ),
    "aws:iam/role:Role": Example(
        inputs=lambda r: {
            "name": "node",
            "assumeRolePolicy": TRUST,
            "description": "node",
            "tags": {"a": "b"},
            "managedPolicyArns": [r("aws:iam/policy:Policy", "arn")],
        },
        update={"description": "nodes", "maxSessionDuration": 7200, "managedPolicyArns": [], **TAGS},
        outputs={"arn": f"{ACCOUNT}:role/node", "uniqueId": r"AROA\w+"},
    ),
    "aws:iam/policy:Policy": Example(
        inputs=lambda _: {"name": "models", "policy": POLICY, "tags": {"a": "b"}},
        update={"policy": POLICY.replace("s3:GetObject", "s3:ListBucket"), **TAGS},
        outputs={"arn": f"{ACCOUNT}:policy/models", "policyId": r"\w+"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Example(
        inputs=lambda r: {"name": "inline", "role": r("aws:iam/role:Role", "id"), "policy": POLICY},
        update={"policy": POLICY.replace("s3:GetObject", "s3:ListBucket")},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Example(
        inputs=lambda r: {"role": r("aws:iam/role:Role", "name"), "policyArn": r("aws:iam/policy:Policy", "arn")}
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Example(
        inputs=lambda _: {
            "url": "https://oidc.example.com/id/ABC",
            "clientIdLists": ["sts.amazonaws.com"],
            "thumbprintLists": ["0" * 40],
            "tags": {"a": "b"},
        },
        update={"thumbprintLists": ["1" * 40], **TAGS},
        outputs={"arn": f"{ACCOUNT}:oidc-provider/oidc.example.com/id/ABC"},
    ),
    "aws:iam/instanceProfile:InstanceProfile": Example(
        inputs=lambda r: {"name": "tunnel", "role": r("aws:iam/role:Role", "name"), "tags": {"a": "b"}},
        update=TAGS,
        outputs={"arn": f"{ACCOUNT}:instance-profile/tunnel", "uniqueId": r"\w+"},
    ),
}
