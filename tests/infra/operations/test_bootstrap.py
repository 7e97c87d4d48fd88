"""Bootstrap makes what the first update needs, mends it, and touches nothing else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.operations import bootstrap
from infra.operations.accounts import AwsAccount
from infra.operations.errors import FAILED, run
from infra.operations.service_roles import NAMED, USED
from infra.operations.stacks import StackFile
from infra.operations.state.keys import BUCKET_ALIAS, SECRETS_ALIAS
from tests.infra.conftest import ACCOUNT, REPO
from tests.infra.operations.conftest import Refuse

BUCKET = f"inference-state-{ACCOUNT}-us-east-1"


def bootstrapped(stack: StackFile) -> int:
    """One run, as the command makes it."""
    return run(lambda: bootstrap.bootstrap(stack))


def policy_of_key(account: AwsAccount, alias: str) -> list[dict[str, Any]]:
    """Statements by which a key may be used."""
    kms = account.client("kms")
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
    statements: list[dict[str, Any]] = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])[
        "Statement"
    ]
    return statements


def test_the_state_is_kept_private_versioned_and_encrypted_with_its_own_key(aws: AwsAccount, stack: StackFile) -> None:
    """Everything that AWS can be told about the bucket is told."""
    assert bootstrapped(stack) == 0
    s3, kms = aws.client("s3"), aws.client("kms")
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"] == [
        {"ObjectOwnership": "BucketOwnerEnforced"}
    ]
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    key = kms.describe_key(KeyId=BUCKET_ALIAS)["KeyMetadata"]["Arn"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    denied = {
        each["Sid"]: each["Effect"] for each in json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    }
    assert denied == dict.fromkeys(("TlsOnly", "CurrentTlsOnly", "OwnKeyOnly"), "Deny")
    (life,) = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert life["NoncurrentVersionExpiration"]["NoncurrentDays"] == 90
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]}
    assert tags["project"] == "inference"


def test_the_keys_are_apart_rotated_and_used_for_one_thing(aws: AwsAccount, stack: StackFile) -> None:
    """Deployers read secrets, naming the stack; the bucket's key works through S3 for that bucket; no statement says kms:*."""
    bootstrapped(stack)
    kms = aws.client("kms")
    _, secrets = policy_of_key(aws, SECRETS_ALIAS)
    _, bucket = policy_of_key(aws, BUCKET_ALIAS)
    assert secrets["Action"] == ["kms:Encrypt", "kms:Decrypt"]
    assert secrets["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:role/inference-deployer"]},
        "Null": {"kms:EncryptionContext:stack": "false"},
    }
    assert bucket["Condition"]["StringEquals"]["kms:ViaService"] == "s3.us-east-1.amazonaws.com"
    assert bucket["Condition"]["ArnLike"]["kms:EncryptionContext:aws:s3:arn"][0] == f"arn:aws:s3:::{BUCKET}"
    for alias in (SECRETS_ALIAS, BUCKET_ALIAS):
        key = kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
        administration, _ = policy_of_key(aws, alias)
        used = {"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:*"}
        assert not used & set(administration["Action"])


def test_every_stack_of_the_region_is_a_deployer(aws: AwsAccount, stack: StackFile) -> None:
    """Two stacks share the key; running it for one locks nobody of the other out, and another region's is none of it."""
    folder = stack.path.parent
    other = "arn:aws:iam::123456789012:role/pipelines/prod"
    (folder / "Pulumi.prod.yaml").write_text(
        stack.path.read_text().replace("dev", "prod").replace("inference-deployer", other)
    )
    (folder / "Pulumi.far.yaml").write_text(
        stack.path.read_text().replace("us-east-1", "eu-west-1").replace("inference-deployer", "far")
    )
    bootstrapped(stack)
    _, secrets = policy_of_key(aws, SECRETS_ALIAS)
    assert secrets["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [
        other,
        f"arn:aws:iam::{ACCOUNT}:role/inference-deployer",
    ]


def test_the_administrator_begins_and_is_forgotten(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """While a stack names an administrator, its first update is that role's, which uses the secrets too; later it does not."""
    before = stack.path.read_text()
    named = "deployer: inference-deployer\n    administrator: inference-administrator"
    stack.path.write_text(before.replace("deployer: inference-deployer", named))
    bootstrapped(StackFile.read("dev", folder=stack.path.parent))
    assert "As the role inference-administrator:" in capsys.readouterr().out
    allowed = [f"arn:aws:iam::{ACCOUNT}:role/inference-{role}" for role in ("administrator", "deployer")]
    assert policy_of_key(aws, SECRETS_ALIAS)[1]["Condition"]["ArnEquals"]["aws:PrincipalArn"] == allowed
    stack.path.write_text(before)
    bootstrapped(StackFile.read("dev", folder=stack.path.parent))
    assert "As the role inference-deployer:" in capsys.readouterr().out
    assert policy_of_key(aws, SECRETS_ALIAS)[1]["Condition"]["ArnEquals"]["aws:PrincipalArn"] == allowed[1:]


def test_a_second_run_changes_nothing(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], changes: list[str]
) -> None:
    """It is safe to repeat: the same lines at the end, and no call that writes."""
    bootstrapped(stack)
    first = capsys.readouterr().out
    assert "CreateBucket" in changes
    changes.clear()
    bootstrapped(stack)
    assert changes == []
    again = capsys.readouterr().out
    assert "made:" in first
    assert not re.search("^(made|set):", again, re.MULTILINE)
    assert first.endswith(again)


@pytest.mark.parametrize(
    ("spoil", "mended"),
    [
        (
            lambda s3: s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}),
            "versions",
        ),
        (lambda s3: s3.delete_public_access_block(Bucket=BUCKET), "no public access"),
        (lambda s3: s3.delete_bucket_encryption(Bucket=BUCKET), "encryption with its own key"),
        (lambda s3: s3.delete_bucket_policy(Bucket=BUCKET), "policy"),
        (lambda s3: s3.delete_bucket_ownership_controls(Bucket=BUCKET), "no access lists"),
        (lambda s3: s3.delete_bucket_lifecycle(Bucket=BUCKET), "life of replaced versions"),
        (lambda s3: s3.delete_bucket_tagging(Bucket=BUCKET), "tags"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_somebody_changed_is_mended_and_nothing_else(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], spoil: Any, mended: str
) -> None:
    """One setting drifts, one is set."""
    bootstrapped(stack)
    spoil(aws.client("s3"))
    capsys.readouterr()
    bootstrapped(stack)
    assert re.findall("^set: (.+)$", capsys.readouterr().out, re.MULTILINE) == [mended]


def test_a_widened_key_policy_is_narrowed_again(aws: AwsAccount, stack: StackFile) -> None:
    """Whoever gave himself the key by its policy has it until the next run."""
    bootstrapped(stack)
    kms = aws.client("kms")
    key = kms.describe_key(KeyId=SECRETS_ALIAS)["KeyMetadata"]["KeyId"]
    before = policy_of_key(aws, SECRETS_ALIAS)
    wide = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps({"Statement": [*before, wide]}))
    bootstrapped(stack)
    assert policy_of_key(aws, SECRETS_ALIAS) == before


def test_the_roles_of_services_are_there_once(aws: AwsAccount, stack: StackFile) -> None:
    """Those that the program names, and those that the deployer then need not be allowed to make."""
    bootstrapped(stack)
    bootstrapped(stack)
    roles = aws.client("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]
    assert sorted(role["Path"].split("/")[2] for role in roles) == sorted([*NAMED, *USED])


def test_every_service_role_that_the_program_names_is_made() -> None:
    """A policy or argument that names one which is not there is refused by AWS."""
    named = {
        service
        for file in (REPO / "infra").rglob("*.py")
        if file.parent.name != "operations"
        for service in re.findall(r"aws-service-role/([a-z.-]+\.amazonaws\.com)/", file.read_text())
    }
    assert named == set(NAMED)


def test_a_role_that_aws_refuses_is_left_to_its_service(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every partition has every service; only a role that the program names is worth stopping for."""
    from infra.operations import service_roles

    def refuse(_iam: Any, service: str) -> None:
        if service == "wafv2.amazonaws.com":
            raise ClientError({"Error": {"Code": "InvalidInput", "Message": "No such service."}}, "CreateRole")

    monkeypatch.setattr(service_roles, "_ensure", refuse)
    assert bootstrapped(stack) == 0
    assert "left to its service: role of wafv2.amazonaws.com (No such service)" in capsys.readouterr().out


def test_rules_of_others_for_scanning_images_stay(aws: AwsAccount, stack: StackFile) -> None:
    """The setting is the account's: ours is added beside what is there, once."""
    ecr = aws.client("ecr")
    theirs = {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "web", "filterType": "WILDCARD"}]}
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[theirs])
    bootstrapped(stack)
    bootstrapped(stack)
    found = ecr.get_registry_scanning_configuration()["scanningConfiguration"]
    assert [rule["repositoryFilters"][0]["filter"] for rule in found["rules"]] == ["web", "inference-*"]


def test_it_says_how_to_log_in_and_make_the_stack(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines can be copied as they stand."""
    bootstrapped(stack)
    assert capsys.readouterr().out.endswith(
        f"Account {ACCOUNT} is ready in us-east-1. As the role inference-deployer:\n"
        f"  pulumi login 's3://{BUCKET}?region=us-east-1&awssdk=v2'\n"
        "  pulumi stack init dev --secrets-provider="
        "'awskms://alias/inference-state?region=us-east-1&awssdk=v2&context_stack=dev'\n"
    )


def test_without_credentials_it_says_so(
    stack: StackFile, capsys: pytest.CaptureFixture[str], no_credentials: None
) -> None:
    """One sentence, and the exit status of a failure."""
    assert bootstrapped(stack) == FAILED
    assert capsys.readouterr().err.startswith("There are no AWS credentials (")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("us-east-1", "us-moon-1", "us-moon-1 is no region of AWS"),
        (
            "deployer: inference-deployer",
            "viewer: somebody",
            "Pulumi.dev.yaml names neither administrator nor deployer",
        ),
        ("  aws:region: us-east-1\n", "", "Pulumi.dev.yaml sets no aws:region"),
    ],
)
def test_a_stack_file_that_does_not_do_is_refused(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    """Before anything is made."""
    stack.path.write_text(stack.path.read_text().replace(before, after))
    assert run(lambda: bootstrap.bootstrap(StackFile.read("dev", folder=stack.path.parent))) == FAILED
    assert capsys.readouterr().err.startswith(said)
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_stack_without_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error is not a new stack."""
    assert bootstrap.main(["nowhere"]) == FAILED
    assert capsys.readouterr().err == (
        "There is no Pulumi.nowhere.yaml: name a stack whose file lies in the repository's root.\n"
    )


@pytest.mark.parametrize(
    "answers", [{"HeadBucket": "403"}, {"HeadBucket": "404", "CreateBucket": "BucketAlreadyExists"}], ids=str
)
def test_a_bucket_of_another_account_is_refused(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], refusals: Refuse, answers: dict[str, str]
) -> None:
    """Whoever took the name first would read the state; moto does not tell owners apart, so S3's answers stand here."""
    refusals(answers)
    assert bootstrapped(stack) == FAILED
    assert capsys.readouterr().err.startswith(f"The bucket {BUCKET} is another account's")


def test_a_bucket_in_another_region_is_refused(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name says where it must be."""
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert bootstrapped(stack) == FAILED
    assert capsys.readouterr().err.startswith(f"The bucket {BUCKET} is not in us-east-1")


def test_a_key_that_is_about_to_be_deleted_is_refused(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new one in its place would hide that the state cannot be read any more."""
    bootstrapped(stack)
    kms = aws.client("kms")
    kms.schedule_key_deletion(KeyId=kms.describe_key(KeyId=SECRETS_ALIAS)["KeyMetadata"]["KeyId"])
    assert bootstrapped(stack) == FAILED
    assert f"The key {SECRETS_ALIAS} is PendingDeletion" in capsys.readouterr().err


def test_the_bucket_of_another_region_is_made_there(aws: AwsAccount, stack: StackFile, tmp_path: Path) -> None:
    """Everywhere but in us-east-1, S3 wants the region named."""
    far = tmp_path / "far"
    far.mkdir()
    (far / "Pulumi.dev.yaml").write_text(stack.path.read_text().replace("us-east-1", "eu-west-1"))
    assert bootstrapped(StackFile.read("dev", folder=far)) == 0
    found = aws.client("s3").get_bucket_location(Bucket=f"inference-state-{ACCOUNT}-eu-west-1")
    assert found["LocationConstraint"] == "eu-west-1"
