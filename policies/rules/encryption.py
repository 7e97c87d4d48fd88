"""Data at rest is encrypted with customer-managed keys; data in transit to buckets is encrypted."""

from policies.rules.documents import Statement, statements, unlimited
from policies.rules.exposure import BUCKETS
from policies.rules.keys import own_key
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule

REPOSITORIES = (
    "aws:ecr/repository:Repository",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
)
"""Repositories, and the template of those that a pull-through cache makes."""
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)


@resource_rule(
    "eks-cluster-secrets-encrypted",
    "aws:eks/cluster:Cluster",
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(2)(iv)"),
    remediation="set encryptionConfig with resources [secrets] and the ARN of a customer-managed KMS key.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html",
)
def eks_cluster_secrets_encrypted(cluster: Resource) -> Findings:
    """Kubernetes Secrets are encrypted with a customer-managed KMS key."""
    encryption = cluster.block("encryptionConfig")
    if "secrets" not in (encryption.get("resources") or ()):
        yield "encryptionConfig.resources does not list secrets"
    if not own_key((encryption.get("provider") or {}).get("keyArn")):
        yield "encryptionConfig.provider.keyArn names no customer-managed key"


@relation_rule(
    "s3-bucket-encrypted-kms",
    *BUCKETS,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="add a BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms and kmsMasterKeyId.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-default-encryption-kms.html",
)
def s3_bucket_encrypted_kms(bucket: Resource, stack: Stack) -> Findings:
    """Objects are encrypted by default with a customer-managed KMS key."""
    found = stack.attached(bucket, *BUCKET_ENCRYPTION, by="bucket", identity=("bucket", "id"))
    if not found:
        yield "no BucketServerSideEncryptionConfiguration names the bucket"
    for encryption in found:
        defaults = [rule.get("applyServerSideEncryptionByDefault") or {} for rule in encryption.items("rules")]
        if not defaults:
            yield f"{encryption.name}.rules is empty"
        for default in defaults:
            if default.get("sseAlgorithm") not in ("aws:kms", "aws:kms:dsse"):
                yield f"{encryption.name} uses sseAlgorithm {default.get('sseAlgorithm', 'unset')}, expected aws:kms"
            elif not own_key(default.get("kmsMasterKeyId")):
                yield (
                    f"{encryption.name} has kmsMasterKeyId {default.get('kmsMasterKeyId') or 'unset'}, expected a "
                    "customer-managed key"
                )


@relation_rule(
    "s3-bucket-tls-only",
    *BUCKETS,
    severity=Severity.HIGH,
    evidence=links(direct="312(e)(1) 312(e)(2)(i) 312(e)(2)(ii)"),
    remediation="add a BucketPolicy that denies s3:* to everybody where aws:SecureTransport is false.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html",
)
def s3_bucket_tls_only(bucket: Resource, stack: Stack) -> Findings:
    """The bucket refuses requests that are not made over TLS."""
    found = stack.attached(bucket, BUCKET_POLICY, by="bucket", identity=("bucket", "id"))
    documents = [statement for policy in found for statement in statements(policy.props["policy"])]
    if not any(
        not item.allows
        and item.anyone
        and not {"*", "s3:*"}.isdisjoint(item.actions)
        and not item.all_but
        and _without_tls(item)
        for item in documents
    ):
        yield "no BucketPolicy denies requests without TLS"


def _without_tls(statement: Statement) -> bool:
    """Whether it is about every request without TLS; a condition more would let some of them through."""
    block = statement.conditions.get("Bool") or {}
    said = block.get("aws:SecureTransport")
    values = said if isinstance(said, list) else [said]
    return len(statement.conditions) == len(block) == 1 and [str(each).lower() for each in values] == ["false"]


@resource_rule(
    "kms-key-rotation-enabled",
    "aws:kms/key:Key",
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(2)(iv)"),
    remediation="set enableKeyRotation to true.",
    link="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
)
def kms_key_rotation_enabled(key: Resource) -> Findings:
    """Key material of symmetric keys is replaced every year."""
    if (key.props.get("customerMasterKeySpec") or "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        raise NotApplicable("AWS rotates symmetric keys only")
    if key.props.get("enableKeyRotation") is not True:
        yield f"enableKeyRotation is {key.props.get('enableKeyRotation', 'unset')}, expected true"


@resource_rule(
    "kms-key-policy-limited",
    "aws:kms/key:Key",
    "aws:kms/keyPolicy:KeyPolicy",
    severity=Severity.CRITICAL,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(2)(iv)"),
    remediation="name the principals, or add a condition such as kms:CallerAccount or aws:SourceArn.",
    link="https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
)
def kms_key_policy_limited(key: Resource) -> Findings:
    """No key policy lets everybody use the key, nor an AWS service on behalf of everybody, nor anybody do everything."""
    document = key.props.get("policy")
    for finding in unlimited(document) if document else ():
        yield f"in the key policy {finding}"


@resource_rule(
    "ecr-repository-encrypted-kms",
    *REPOSITORIES,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(2)(iv)"),
    remediation="set encryptionConfigurations with encryptionType KMS and a kmsKey.",
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
)
def ecr_repository_encrypted_kms(repository: Resource) -> Findings:
    """Images are encrypted with a customer-managed KMS key."""
    found = repository.items("encryptionConfigurations")
    if not any(item.get("encryptionType") == "KMS" and own_key(item.get("kmsKey")) for item in found):
        yield "encryptionConfigurations has no entry with encryptionType KMS and a customer-managed kmsKey"
