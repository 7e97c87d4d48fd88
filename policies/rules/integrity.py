"""What is stored cannot be altered or destroyed unseen."""

from policies.rules.encryption import REPOSITORIES
from policies.rules.exposure import BUCKETS
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

BUCKET_VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")


@relation_rule(
    "s3-bucket-versioned",
    *BUCKETS,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(c)(1)", supporting="308(a)(7)(ii)(A)"),
    remediation="add a BucketVersioning for the bucket with status Enabled.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-versioning-enabled.html",
)
def s3_bucket_versioned(bucket: Resource, stack: Stack) -> Findings:
    """Overwritten and deleted objects can be recovered."""
    found = stack.attached(bucket, *BUCKET_VERSIONING, by="bucket", identity=("bucket", "id"))
    if not found:
        yield "no BucketVersioning names the bucket"
    for versioning in found:
        status = (versioning.props.get("versioningConfiguration") or {}).get("status")
        if status != "Enabled":
            yield f"{versioning.name} has status {status or 'unset'}, expected Enabled"


@resource_rule(
    "ecr-repository-immutable",
    *REPOSITORIES,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(c)(1) 308(a)(5)(ii)(B)"),
    remediation="set imageTagMutability to IMMUTABLE.",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
)
def ecr_repository_immutable(repository: Resource) -> Findings:
    """A pushed image tag cannot be moved to another image."""
    seen = repository.props.get("imageTagMutability")
    if seen != "IMMUTABLE":
        yield f"imageTagMutability is {seen or 'unset (mutable)'}, expected IMMUTABLE"


@resource_rule(
    "ecr-repository-scanned",
    "aws:ecr/repository:Repository",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(1)(ii)(A) 308(a)(5)(ii)(B)"),
    remediation="set imageScanningConfiguration.scanOnPush to true.",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html",
)
def ecr_repository_scanned(repository: Resource) -> Findings:
    """Images are scanned for known vulnerabilities when they are pushed."""
    if repository.block("imageScanningConfiguration").get("scanOnPush") is not True:
        yield "imageScanningConfiguration.scanOnPush is not true"
