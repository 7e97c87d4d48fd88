"""Every bucket is private, encrypted, versioned and reached over TLS, whatever it is for."""

import json
from typing import Any

import pulumi
import pytest

from infra.buckets import Lifecycle, ObjectLock, PrivateBucket, PrivateBucketArgs
from tests.infra.components import Component, context, run_component

KEY = "arn:aws:kms:us-east-1:123456789012:key/own"
SETTINGS = ("public-access", "ownership", "versioning", "encryption", "lifecycle", "logging", "policy")


def made(*, deletion_protection: bool = False, preview: bool = False, **differing: Any) -> Component:
    """A bucket called `records`."""

    def build() -> dict[str, pulumi.Input[Any]]:
        args: dict[str, Any] = {
            "key_arn": KEY,
            "access_logs": "access-logs-abc",
            "lifecycle": Lifecycle(noncurrent_days=30),
        }
        of = context(deletion_protection=deletion_protection)
        bucket = PrivateBucket("records", PrivateBucketArgs(of, **(args | differing)))
        return {"bucket": bucket.bucket, "arn": bucket.arn}

    return run_component(build, preview=preview)


def statements(bucket: Component) -> dict[str, dict[str, Any]]:
    """The statements of its policy by their Sid."""
    return {each["Sid"]: each for each in json.loads(bucket.only("BucketPolicy")["policy"])["Statement"]}


@pytest.fixture(scope="module")
def plain() -> Component:
    """A bucket with nothing special about it, in an unprotected stack."""
    return made()


def test_bucket_is_named_after_stack_and_use(plain: Component) -> None:
    """The bucket's name begins with the stack's, so that access logs of the stack's own buckets can be told."""
    assert [each.name for each in plain.of("Bucket")] == ["inference-test-records"]


def test_public_access_is_blocked(plain: Component) -> None:
    """All four blocks are on, and ACLs are off."""
    access = plain.only("BucketPublicAccessBlock")
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [access[block] for block in blocks] == [True] * 4
    assert plain.only("BucketOwnershipControls")["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


def test_versions_are_kept(plain: Component) -> None:
    """Replaced and deleted objects stay for as long as the lifecycle says."""
    assert plain.only("BucketVersioning")["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = plain.only("BucketLifecycleConfiguration")["rules"]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
    assert "expiration" not in rule
    assert "transitions" not in rule


def test_objects_are_encrypted_with_own_key(plain: Component) -> None:
    """The default encryption is the given key, with a bucket key."""
    (rule,) = plain.only("BucketServerSideEncryptionConfiguration")["rules"]
    assert rule["bucketKeyEnabled"] is True
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}


def test_requests_without_current_tls_are_denied_to_everybody(plain: Component) -> None:
    """Neither the bucket nor its objects answer without TLS, or with TLS below 1.2."""
    arn = plain.exports["arn"]
    for sid, condition in (
        ("TlsOnly", {"Bool": {"aws:SecureTransport": "false"}}),
        ("CurrentTlsOnly", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ):
        assert statements(plain)[sid] == {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": condition,
        }


def test_another_encryption_than_the_own_key_is_denied(plain: Component) -> None:
    """A write that names an encryption must name the own key; nobody is excepted."""
    own_key = statements(plain)["OwnKeyOnly"]
    assert (own_key["Effect"], own_key["Principal"], own_key["Action"]) == ("Deny", "*", "s3:PutObject")
    assert own_key["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY},
    }


def test_policy_grants_nothing_unasked(plain: Component) -> None:
    """Without statements of its own the policy only denies."""
    assert set(statements(plain)) == {"TlsOnly", "CurrentTlsOnly", "OwnKeyOnly"}
    assert {each["Effect"] for each in statements(plain).values()} == {"Deny"}


def test_statements_are_added_to_the_denials() -> None:
    """Statements get the bucket's ARN and stand beside the denials."""
    grant = {"Sid": "Writes", "Effect": "Allow", "Principal": {"Service": "s"}, "Action": "s3:PutObject"}
    bucket = made(statements=lambda arn: [grant | {"Resource": pulumi.Output.concat(arn, "/s/*")}])
    assert set(statements(bucket)) == {"TlsOnly", "CurrentTlsOnly", "OwnKeyOnly", "Writes"}
    assert statements(bucket)["Writes"]["Resource"] == f"{bucket.exports['arn']}/s/*"


def test_requests_are_logged(plain: Component) -> None:
    """Access logs go to the given bucket, under the bucket's use."""
    logging = plain.only("BucketLogging")
    assert (logging["targetBucket"], logging["targetPrefix"]) == ("access-logs-abc", "s3/records/")


def test_bucket_of_access_logs_does_not_log_itself() -> None:
    """Where no bucket is given, requests are not logged."""
    assert not made(access_logs=None).of("BucketLogging")


def test_without_a_key_s3_encrypts_with_its_own() -> None:
    """Without a key the default is SSE-S3, and no policy asks for another."""
    bucket = made(key_arn=None)
    (rule,) = bucket.only("BucketServerSideEncryptionConfiguration")["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    assert rule["bucketKeyEnabled"] is False
    assert "OwnKeyOnly" not in statements(bucket)


def test_one_service_may_be_let_off_the_own_key() -> None:
    """The excepted service is one that AWS itself says is calling, so that nobody else can claim to be it."""
    condition = statements(made(other_encryption_by="s.amazonaws.com"))["OwnKeyOnly"]["Condition"]
    assert condition["StringNotEqualsIfExists"] == {"aws:PrincipalServiceName": "s.amazonaws.com"}
    assert {"Null", "ArnNotEquals"} < set(condition)


def test_objects_move_to_glacier_and_expire() -> None:
    """Days of the lifecycle become S3's."""
    bucket = made(lifecycle=Lifecycle(noncurrent_days=30, expire_days=2192, glacier_days=90))
    (rule,) = bucket.only("BucketLifecycleConfiguration")["rules"]
    assert rule["status"] == "Enabled"
    assert rule["filter"] == {"prefix": ""}
    assert rule["expiration"] == {"days": 2192}
    assert rule["transitions"] == [{"days": 90, "storageClass": "GLACIER_IR"}]


@pytest.mark.parametrize("mode", ["COMPLIANCE", "GOVERNANCE"])
def test_lock_is_the_default_of_every_version(mode: str) -> None:
    """A locked bucket is made for locks and holds each new version for the given days; versions come first."""
    bucket = made(lock=ObjectLock(2192, mode))  # type: ignore[arg-type]
    assert bucket.only("Bucket")["objectLockEnabled"] is True
    lock = bucket.only("BucketObjectLockConfiguration")
    assert lock["rule"] == {"defaultRetention": {"mode": mode, "days": 2192}}
    assert "records-versioning" in bucket.waits_for("records-lock")


def test_no_lock_unless_asked(plain: Component) -> None:
    """A bucket whose objects must be replaceable has no lock."""
    assert plain.only("Bucket")["objectLockEnabled"] is False
    assert not plain.of("BucketObjectLockConfiguration")


def test_protected_bucket_is_not_deleted_and_keeps_its_content() -> None:
    """With deletion protection the engine refuses to delete the bucket, and its content is never emptied."""
    bucket = made(deletion_protection=True)
    assert bucket.protected == {"inference-test-records"}
    assert bucket.only("Bucket")["forceDestroy"] is False
    assert not bucket.retained


def test_unprotected_bucket_goes_with_its_content(plain: Component) -> None:
    """Without deletion protection nothing stays behind."""
    assert not plain.protected
    assert not plain.retained
    assert plain.only("Bucket")["forceDestroy"] is True


def test_retained_bucket_stays_closed() -> None:
    """Records outlive the stack, and so does each setting that guards them."""
    bucket = made(deletion_protection=True, retained=True)
    assert bucket.retained == {"inference-test-records", *(f"records-{setting}" for setting in SETTINGS)}


def test_nobody_deletes_from_a_retained_bucket() -> None:
    """Where no lock prevents deletion, the policy denies it to everybody; a lock needs no such help."""
    denied = statements(made(deletion_protection=True, retained=True))["NoDeletion"]
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert denied["Action"] == ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    assert "Condition" not in denied
    locked = made(deletion_protection=True, retained=True, lock=ObjectLock(2192, "COMPLIANCE"))
    assert "NoDeletion" not in statements(locked)


def test_name_is_known_once_the_settings_are(plain: Component) -> None:
    """Whoever is told the name can rely on every setting."""
    assert plain.exports["bucket"] == "inference-test-records-abc"


def test_user_of_the_name_waits_for_every_setting() -> None:
    """A resource that is given the name is made after each setting of the bucket."""

    def build() -> None:
        of = context()
        first = PrivateBucket("first", PrivateBucketArgs(of, KEY, None, Lifecycle(noncurrent_days=1)))
        PrivateBucket("second", PrivateBucketArgs(of, KEY, first.bucket, Lifecycle(noncurrent_days=1)))

    waits = run_component(build).waits_for("second-logging")
    assert {f"first-{setting}" for setting in SETTINGS if setting != "logging"} <= waits
