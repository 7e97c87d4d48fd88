"""Examples: S3 and ECR."""

from collections.abc import Mapping
from pathlib import Path

from local.aws.codec import Asset
from tests.local.aws.examples.common import KEY_POLICY, LIFECYCLE, POLICY, Example, bucket, key, repository

TAGS = {"tags": {"owner": "platform"}}

EXAMPLES: Mapping[str, Example] = {
    "aws:s3/bucket:Bucket": Example(
        inputs=lambda _: {"bucket": "models", "forceDestroy": True, "tags": {"a": "b"}},
        update=TAGS,
        outputs={"arn": "arn:aws:s3:::models", "bucketRegionalDomainName": r"models\.s3\.us-east-1\.amazonaws\.com"},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Example(
        inputs=lambda r: {"bucket": bucket(r), "versioningConfiguration": {"status": "Enabled"}},
        update={"versioningConfiguration": {"status": "Suspended"}},
        remains={"bucket": "models", "region": "us-east-1", "versioningConfiguration": {"status": "Suspended"}},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Example(
        inputs=lambda r: {
            "bucket": bucket(r),
            "rules": [
                {
                    "bucketKeyEnabled": True,
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key(r)},
                }
            ],
        },
        update={"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Example(
        inputs=lambda r: {
            "bucket": bucket(r),
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        },
        update={"blockPublicAcls": False},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Example(
        inputs=lambda r: {"bucket": bucket(r), "policy": POLICY},
        update={"policy": POLICY.replace("s3:GetObject", "s3:PutObject")},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Example(
        inputs=lambda r: {"bucket": bucket(r), "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        update={"rule": {"objectOwnership": "BucketOwnerPreferred"}},
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Example(
        inputs=lambda r: {
            "bucket": bucket(r),
            "rules": [
                {
                    "id": "old",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 90},
                    "noncurrentVersionExpiration": {"noncurrentDays": 30},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                    "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}],
                }
            ],
        },
        update={"rules": [{"id": "old", "status": "Enabled", "expiration": {"days": 400}}]},
    ),
    "aws:s3/bucketLogging:BucketLogging": Example(
        inputs=lambda r: {"bucket": bucket(r), "targetBucket": r("logs", "bucket"), "targetPrefix": "s3/"},
        update={"targetPrefix": "access/"},
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Example(
        inputs=lambda r: {
            "bucket": bucket(r),
            "key": "models/manifest.json",
            "contentType": "application/json",
            "source": Asset(fields={"path": str(Path(__file__)), "hash": "1"}),
            "tags": {"a": "b"},
            "serverSideEncryption": "aws:kms",
            "kmsKeyId": key(r),
        },
        update={"source": Asset(fields={"text": "new", "hash": "2"}), **TAGS},
        outputs={"etag": r"[0-9a-f]{32}.*", "arn": "arn:aws:s3:::models/models/manifest.json"},
    ),
    "aws:ecr/repository:Repository": Example(
        inputs=lambda r: {
            "name": "inference/gateway",
            "imageTagMutability": "IMMUTABLE",
            "forceDelete": True,
            "imageScanningConfiguration": {"scanOnPush": True},
            "tags": {"a": "b"},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": key(r)}],
        },
        update={"imageTagMutability": "MUTABLE", **TAGS},
        outputs={
            "repositoryUrl": r"123456789012\.dkr\.ecr\.us-east-1\.amazonaws\.com/inference/gateway",
            "registryId": r"\d{12}",
        },
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Example(
        inputs=lambda r: {"repository": repository(r), "policy": LIFECYCLE}
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Example(
        inputs=lambda r: {
            "repository": repository(r),
            "policy": KEY_POLICY.replace("kms", "ecr").replace(', "Resource": "*"', ""),
        }
    ),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": Example(
        inputs=lambda _: {"ecrRepositoryPrefix": "inference/k8s", "upstreamRegistryUrl": "registry.k8s.io"},
        outputs={"registryId": "123456789012"},
    ),
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": Example(
        inputs=lambda r: {
            "prefix": "inference",
            "appliedFors": ["PULL_THROUGH_CACHE"],
            "customRoleArn": r("aws:iam/role:Role", "arn"),
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": key(r)}],
            "imageTagMutability": "IMMUTABLE",
            "resourceTags": {"owner": "platform"},
        },
        update={"description": "Repositories of the caches"},
        outputs={"registryId": "123456789012"},
    ),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": Example(
        inputs=lambda _: {
            "scanType": "ENHANCED",
            "rules": [
                {
                    "scanFrequency": "CONTINUOUS_SCAN",
                    "repositoryFilters": [{"filter": "inference/*", "filterType": "WILDCARD"}],
                }
            ],
        },
        update={"scanType": "BASIC", "rules": []},
        remains={"scanType": "BASIC", "rules": [], "registryId": "123456789012", "region": "us-east-1"},
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Example(
        inputs=lambda r: {
            "bucket": r("locked", "bucket"),
            "objectLockEnabled": "Enabled",
            "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}},
        },
        update={"rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 2192}}},
        remains={"bucket": "locked", "region": "us-east-1", "objectLockEnabled": "Enabled"},
    ),
}
