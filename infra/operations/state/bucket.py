"""The bucket of Pulumi's state: private, versioned, encrypted with its own key, reached over TLS only.

It has no Object Lock. Every operation of the engine rewrites the state and removes its lock file; with a default
retention each version of both would stay until that ends, and a state from which something must be erased could not be.
Versions are what a mistake is undone with; the record of who changed what is CloudTrail's. The engine keeps its own
lock, an object below `.pulumi/locks`, so that two updates of a stack exclude each other.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.operations.accounts import AwsAccount
from infra.operations.errors import OperationError, say
from infra.operations.state.settings import TAGS, Setting, by_name, tag_list

REPLACED_DAYS = 90
"""How long a replaced state can be had back. The engine's own history of updates, below `.pulumi/history`, is not replaced."""


def bucket_name(account: AwsAccount) -> str:
    """The same for every run in an account and region."""
    return f"inference-state-{account.id}-{account.region}"


def ensure_bucket(account: AwsAccount, *, key_arn: str) -> str:
    """The bucket's name; it is made, or its settings are put right, as needed.

    Raises OperationError where a bucket of that name is another account's, or in another region.
    """
    s3, name = account.client("s3"), bucket_name(account)
    if not _is_there(s3, account, name):
        _create(s3, account, name)
    for setting in _settings(s3, account, name, key_arn):
        setting.ensure()
    return name


def _is_there(s3: Any, account: AwsAccount, name: str) -> bool:
    try:
        found = s3.head_bucket(Bucket=name, ExpectedBucketOwner=account.id)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("404", "NoSuchBucket"):
            return False
        if code in ("403", "AccessDenied"):
            raise _foreign(name) from None
        if code in ("301", "PermanentRedirect"):
            raise _elsewhere(name, account) from None
        raise
    if found.get("BucketRegion", account.region) != account.region:
        raise _elsewhere(name, account)
    return True


def _create(s3: Any, account: AwsAccount, name: str) -> None:
    # us-east-1 is the one region that must not be named.
    place: dict[str, Any] = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    try:
        s3.create_bucket(
            Bucket=name,
            ObjectOwnership="BucketOwnerEnforced",
            **({} if account.region == "us-east-1" else place),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "BucketAlreadyExists":
            raise _foreign(name) from None
        raise
    say(f"made: bucket {name}")


def _foreign(name: str) -> OperationError:
    return OperationError(
        f"The bucket {name} is another account's, or you may not see it: give your role s3:ListBucket on it, or ask AWS "
        "Support whose it is before you keep state anywhere."
    )


def _elsewhere(name: str, account: AwsAccount) -> OperationError:
    return OperationError(f"The bucket {name} is not in {account.region}: delete it, if it is empty, and try again.")


def _settings(s3: Any, account: AwsAccount, name: str, key_arn: str) -> Iterator[Setting]:
    mine = {"Bucket": name, "ExpectedBucketOwner": account.id}
    blocks = {
        f"{verb}Public{what}": True
        for verb, what in (("Block", "Acls"), ("Ignore", "Acls"), ("Block", "Policy"), ("Restrict", "Buckets"))
    }
    yield Setting(
        "no public access",
        wanted=blocks,
        read=lambda: s3.get_public_access_block(**mine)["PublicAccessBlockConfiguration"],
        write=lambda: s3.put_public_access_block(**mine, PublicAccessBlockConfiguration=blocks),
        absent=("NoSuchPublicAccessBlockConfiguration",),
    )
    ownership = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    yield Setting(
        "no access lists",
        wanted=ownership,
        read=lambda: s3.get_bucket_ownership_controls(**mine)["OwnershipControls"],
        write=lambda: s3.put_bucket_ownership_controls(**mine, OwnershipControls=ownership),
        absent=("OwnershipControlsNotFoundError",),
    )
    yield Setting(
        "versions",
        wanted="Enabled",
        read=lambda: s3.get_bucket_versioning(**mine).get("Status"),
        write=lambda: s3.put_bucket_versioning(**mine, VersioningConfiguration={"Status": "Enabled"}),
    )
    encryption = _encryption(key_arn)
    yield Setting(
        "encryption with its own key",
        wanted=encryption,
        read=lambda: s3.get_bucket_encryption(**mine)["ServerSideEncryptionConfiguration"],
        write=lambda: s3.put_bucket_encryption(**mine, ServerSideEncryptionConfiguration=encryption),
        absent=("ServerSideEncryptionConfigurationNotFoundError",),
    )
    lifecycle = _lifecycle()
    yield Setting(
        "life of replaced versions",
        wanted=lifecycle["Rules"],
        read=lambda: s3.get_bucket_lifecycle_configuration(**mine)["Rules"],
        write=lambda: s3.put_bucket_lifecycle_configuration(**mine, LifecycleConfiguration=lifecycle),
        absent=("NoSuchLifecycleConfiguration",),
    )
    tags = tag_list({**TAGS, "Name": name})
    yield Setting(
        "tags",
        wanted=tags,
        read=lambda: by_name(s3.get_bucket_tagging(**mine)["TagSet"]),
        write=lambda: s3.put_bucket_tagging(**mine, Tagging={"TagSet": tags}),
        absent=("NoSuchTagSet",),
    )
    policy = _policy(f"arn:{account.partition}:s3:::{name}", key_arn)
    yield Setting(
        "policy",
        wanted=policy,
        read=lambda: json.loads(s3.get_bucket_policy(**mine)["Policy"]),
        write=lambda: s3.put_bucket_policy(**mine, Policy=json.dumps(policy)),
        absent=("NoSuchBucketPolicy",),
    )


def _encryption(key_arn: str) -> dict[str, Any]:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}


def _lifecycle() -> dict[str, Any]:
    rule = {
        "ID": "replaced-state",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": REPLACED_DAYS},
        # Every lock that the engine takes away leaves a marker behind.
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    return {"Rules": [rule]}


def _policy(arn: str, key_arn: str) -> dict[str, Any]:
    def deny(sid: str, action: str, resource: object, condition: Mapping[str, Any]) -> dict[str, Any]:
        statement = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
        return {**statement, "Condition": condition}

    both = [arn, f"{arn}/*"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            deny("TlsOnly", "s3:*", both, {"Bool": {"aws:SecureTransport": "false"}}),
            deny("CurrentTlsOnly", "s3:*", both, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
            # Whoever names an encryption names our key; where none is named, as by the engine, the bucket's default is it.
            deny(
                "OwnKeyOnly",
                "s3:PutObject",
                f"{arn}/*",
                {
                    "Null": {"s3:x-amz-server-side-encryption": "false"},
                    "ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key_arn},
                },
            ),
        ],
    }
