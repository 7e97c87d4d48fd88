"""Records are kept for six years, where nobody deletes them, and only their services write them."""

import json
from typing import Any

import pulumi
import pytest

from infra.audit.log_archive import LogArchive, LogArchiveArgs
from tests.infra.components import Component, context, run_component
from tests.infra.conftest import ACCOUNT

KEY = "arn:aws:kms:us-east-1:123456789012:key/archive"
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/inference-test"
BUCKETS = ("access-logs", "trail", "configuration", "gateway-audit")
LOCKED = ("trail", "gateway-audit")
SIX_YEARS_DAYS = 2192


def archive(*, deletion_protection: bool = False, inherited: frozenset[str] = frozenset()) -> Component:
    """The archive by itself."""

    def build() -> dict[str, pulumi.Input[Any]]:
        of = context(deletion_protection=deletion_protection)
        made = LogArchive("log-archive", LogArchiveArgs(of, KEY, inherited))
        return {"access_logs": made.access_logs, "arns": pulumi.Output.all(*made.bucket_arns)}

    return run_component(build)


@pytest.fixture(scope="module")
def protected() -> Component:
    """The archive of a protected stack."""
    return archive(deletion_protection=True)


@pytest.fixture(scope="module")
def unprotected() -> Component:
    """The archive of an unprotected stack."""
    return archive()


def statements(found: Component, bucket: str) -> dict[str, dict[str, Any]]:
    """The statements of a bucket's policy by their Sid."""
    return {
        each["Sid"]: each for each in json.loads(found.only("BucketPolicy", f"{bucket}-policy")["policy"])["Statement"]
    }


def writers(found: Component, bucket: str) -> dict[str, dict[str, Any]]:
    """The statements that let somebody in."""
    return {sid: each for sid, each in statements(found, bucket).items() if each["Effect"] == "Allow"}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_records_are_kept_for_six_years(protected: Component, bucket: str) -> None:
    """Records expire when their retention is over, and not before; deleted ones stay long enough to be missed."""
    (rule,) = protected.only("BucketLifecycleConfiguration", f"{bucket}-lifecycle")["rules"]
    assert rule["expiration"] == {"days": SIX_YEARS_DAYS}
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 30}
    assert rule["transitions"] == [{"days": 90, "storageClass": "GLACIER_IR"}]


@pytest.mark.parametrize("bucket", LOCKED)
def test_nobody_deletes_the_trails_of_a_protected_stack(protected: Component, bucket: str) -> None:
    """The lock is one that AWS itself cannot lift, for the whole retention."""
    lock = protected.only("BucketObjectLockConfiguration", f"{bucket}-lock")
    assert lock["rule"] == {"defaultRetention": {"mode": "COMPLIANCE", "days": SIX_YEARS_DAYS}}


@pytest.mark.parametrize("bucket", LOCKED)
def test_trails_of_an_unprotected_stack_can_be_taken_down(unprotected: Component, bucket: str) -> None:
    """The lock is the same, but who has the permission for it can lift it, as destroying the stack does."""
    lock = unprotected.only("BucketObjectLockConfiguration", f"{bucket}-lock")
    assert lock["rule"] == {"defaultRetention": {"mode": "GOVERNANCE", "days": SIX_YEARS_DAYS}}


@pytest.mark.parametrize("bucket", ["access-logs", "configuration"])
def test_policy_stands_in_where_the_service_takes_no_lock(protected: Component, bucket: str) -> None:
    """AWS Config and S3 deliver to no locked bucket: there, the policy denies deletion to everybody."""
    assert f"{bucket}-lock" not in {each.name for each in protected.of("BucketObjectLockConfiguration")}
    assert statements(protected, bucket)["NoDeletion"]["Principal"] == "*"


def test_archive_outlives_a_protected_stack(protected: Component) -> None:
    """Every resource of the archive stays in the account, and the engine refuses to delete the buckets."""
    made = {each.name for each in protected.resources if each.type.startswith("aws:")}
    assert protected.retained == made
    assert protected.protected == {f"inference-test-{bucket}" for bucket in BUCKETS}


def test_nothing_of_an_unprotected_stack_remains(unprotected: Component) -> None:
    """Buckets go with what is in them."""
    assert not unprotected.retained
    assert [each.inputs["forceDestroy"] for each in unprotected.of("Bucket")] == [True] * 4


@pytest.mark.parametrize("bucket", ["trail", "configuration", "gateway-audit"])
def test_records_are_encrypted_with_the_archive_key(protected: Component, bucket: str) -> None:
    """What takes a customer's key gets the archive's."""
    (rule,) = protected.only("BucketServerSideEncryptionConfiguration", f"{bucket}-encryption")["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}


def test_access_logs_are_encrypted_with_the_keys_their_writers_take(protected: Component) -> None:
    """S3 and load balancers write with S3's own keys only."""
    (rule,) = protected.only("BucketServerSideEncryptionConfiguration", "access-logs-encryption")["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


@pytest.mark.parametrize("bucket", ["trail", "configuration", "gateway-audit"])
def test_requests_for_records_are_logged(protected: Component, bucket: str) -> None:
    """Who reads the records is recorded, in the bucket that records nothing about itself."""
    logging = protected.only("BucketLogging", f"{bucket}-logging")
    assert logging["targetBucket"] == protected.exports["access_logs"] == "inference-test-access-logs-abc"
    assert logging["targetPrefix"] == f"s3/{bucket}/"
    assert len(protected.of("BucketLogging")) == 3


def test_cloudtrail_writes_for_this_trail_only(protected: Component) -> None:
    """CloudTrail is let in for one trail of one account, and may write below the account's prefix."""
    found = writers(protected, "trail")
    source = {"aws:SourceArn": TRAIL_ARN}
    assert {sid: each["Principal"] for sid, each in found.items()} == {
        "WriterChecks": {"Service": "cloudtrail.amazonaws.com"},
        "WriterWrites": {"Service": "cloudtrail.amazonaws.com"},
    }
    checks, writes = found["WriterChecks"], found["WriterWrites"]
    assert checks["Action"] == ["s3:GetBucketAcl"]
    assert checks["Condition"] == {"StringEquals": source}
    assert writes["Action"] == "s3:PutObject"
    assert writes["Resource"].endswith(f"/AWSLogs/{ACCOUNT}/*")
    assert writes["Condition"] == {"StringEquals": source | {"s3:x-amz-acl": "bucket-owner-full-control"}}


def test_cloudtrail_alone_may_write_with_keys_of_s3(protected: Component) -> None:
    """It may encrypt its digest files so, whatever the trail's key is; nobody else's write is excepted."""
    excepted = {
        bucket: statements(protected, bucket)["OwnKeyOnly"]["Condition"].get("StringNotEqualsIfExists")
        for bucket in ("trail", "configuration")
    }
    assert excepted == {
        "trail": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"},
        "configuration": None,
    }


def test_config_writes_for_this_account_only(protected: Component) -> None:
    """AWS Config is let in for this account, and may write below its own prefix."""
    found = writers(protected, "configuration")
    assert {each["Principal"]["Service"] for each in found.values()} == {"config.amazonaws.com"}
    assert found["WriterChecks"]["Action"] == ["s3:GetBucketAcl", "s3:ListBucket"]
    assert found["WriterChecks"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert found["WriterWrites"]["Resource"].endswith(f"/AWSLogs/{ACCOUNT}/Config/*")
    assert found["WriterWrites"]["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT


def test_s3_logs_for_buckets_of_this_stack_only(protected: Component) -> None:
    """Buckets of other stacks and accounts cannot name ours as the place of their logs."""
    found = writers(protected, "access-logs")["S3WritesAccessLogs"]
    assert found["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert found["Action"] == "s3:PutObject"
    assert found["Resource"].endswith("/s3/*")
    assert found["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::inference-test-*"},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_load_balancers_of_this_account_log_below_their_prefix(protected: Component) -> None:
    """The account in the path keeps load balancers of other accounts out; nobody else is let in."""
    found = writers(protected, "access-logs")
    assert set(found) == {"S3WritesAccessLogs", "LoadBalancersWriteAccessLogs"}
    balancers = found["LoadBalancersWriteAccessLogs"]
    assert balancers["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert balancers["Action"] == "s3:PutObject"
    assert balancers["Resource"].endswith(f"/load-balancer/AWSLogs/{ACCOUNT}/*")


def test_the_gateways_records_let_no_other_service_in(protected: Component) -> None:
    """Their writer is a role of the account's own, by its own policy."""
    assert writers(protected, "gateway-audit") == {}


@pytest.mark.parametrize(
    ("inherited", "expected"),
    [
        (frozenset({"cloudtrail"}), {"access-logs", "gateway-audit", "configuration"}),
        (frozenset({"config"}), {"access-logs", "gateway-audit", "trail"}),
        (frozenset({"cloudtrail", "config", "guardduty"}), {"access-logs", "gateway-audit"}),
    ],
)
def test_inherited_services_get_no_bucket(inherited: frozenset[str], expected: set[str]) -> None:
    """Who runs a service elsewhere keeps its records there; access logs and the gateway's records are always the stack's own."""
    found = archive(inherited=inherited)
    assert {each.name.removeprefix("inference-test-") for each in found.of("Bucket")} == expected
    assert len(found.exports["arns"]) == len(expected - {"gateway-audit"})
