"""Models and images: encrypted, private, and read only by who serves them."""

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra.model_repository import ModelRepository
from infra.storage import ModelStore, ModelStoreArgs
from tests.infra.components import Component, context, run_component
from tests.infra.conftest import ACCOUNT, Program

KEY = "arn:aws:kms:us-east-1:123456789012:key/models"


@pytest.fixture(scope="module")
def store(model: Path) -> Component:
    """The model store by itself."""

    def build() -> dict[str, pulumi.Input[Any]]:
        made = ModelStore(
            "model-store", ModelStoreArgs(context(), KEY, "access-logs-abc", ModelRepository.read(str(model)))
        )
        return {"bucket": made.bucket, "arn": made.bucket_arn, "model_uri": made.model_uri}

    return run_component(build)


def test_models_lie_in_a_private_bucket(store: Component) -> None:
    """The bucket has the models' key, records its requests, and keeps a replaced model for a quarter."""
    (rule,) = store.only("BucketServerSideEncryptionConfiguration", "models-encryption")["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    assert store.only("BucketLogging", "models-logging")["targetBucket"] == "access-logs-abc"
    (lifecycle,) = store.only("BucketLifecycleConfiguration", "models-lifecycle")["rules"]
    assert lifecycle["noncurrentVersionExpiration"] == {"noncurrentDays": 90}
    assert "expiration" not in lifecycle


def test_a_model_that_answers_is_not_taken_away(store: Component) -> None:
    """Each version is locked for a quarter, and a new model leaves the earlier ones where they are."""
    lock = store.only("BucketObjectLockConfiguration")["rule"]["defaultRetention"]
    assert lock == {"mode": "GOVERNANCE", "days": 90}
    assert store.only("s3/bucket:Bucket")["objectLockEnabled"] is True
    assert {each.name for each in store.of("BucketObjectv2")} <= store.retained


def test_bucket_policy_only_denies(store: Component) -> None:
    """The policy refuses plain connections, old TLS and other keys, and grants nothing."""
    found = json.loads(store.only("BucketPolicy")["policy"])["Statement"]
    assert {each["Sid"] for each in found} == {"TlsOnly", "CurrentTlsOnly", "OwnKeyOnly"}
    assert {each["Effect"] for each in found} == {"Deny"}


def test_every_file_of_the_model_is_stored_under_its_version(store: Component) -> None:
    """The manifest and each file of it are uploaded, encrypted, with their hash as the reason to upload again."""
    objects = {each.inputs["key"]: each.inputs for each in store.of("BucketObjectv2")}
    prefix = "models/sentiment/0123456789ab"
    assert set(objects) == {
        f"{prefix}/manifest.json",
        f"{prefix}/repository/sentiment/config.pbtxt",
        f"{prefix}/repository/sentiment/1/model.onnx",
    }
    for each in objects.values():
        assert each["serverSideEncryption"] == "aws:kms"
        assert each["kmsKeyId"] == KEY
        assert len(each["sourceHash"]) == 64


def test_nothing_is_uploaded_into_an_open_bucket(store: Component) -> None:
    """Every upload waits for the bucket's settings."""
    settings = {"models-public-access", "models-encryption", "models-versioning", "models-policy", "models-logging"}
    for each in store.of("BucketObjectv2"):
        assert settings <= store.waits_for(each.name)


def test_model_is_named_by_where_its_files_are(store: Component) -> None:
    """Workloads get the prefix of the version they were deployed with."""
    assert store.exports["model_uri"] == "s3://inference-test-models-abc/models/sentiment/0123456789ab"


@pytest.mark.parametrize("workload", ["fastapi-svc", "triton"])
def test_reader_reads_one_prefix_with_one_key(prod: Program, workload: str) -> None:
    """A workload's role gets the objects of its model and the use of their key, nothing else."""
    read, decrypt = json.loads(prod.only("Policy", f"{workload}-model-policy")["policy"])["Statement"]
    assert read["Action"] == "s3:GetObject"
    assert read["Resource"].endswith("inference-prod-models/models/sentiment/0123456789ab/*")
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Resource"].endswith("models-key")
    assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        ("fastapi-svc-model-identity-role", "system:serviceaccount:inference:fastapi-svc"),
        ("triton-model-identity-role", "system:serviceaccount:inference:triton"),
        ("vpc-cni-identity-role", "system:serviceaccount:kube-system:aws-node"),
    ],
)
def test_trust_is_limited_to_one_service_account(prod: Program, role: str, subject: str) -> None:
    """A role is assumed with the token of one service account, made for AWS STS, and by nothing else."""
    (statement,) = json.loads(prod.only("Role", role)["assumeRolePolicy"])["Statement"]
    host = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Principal"]["Federated"].startswith("arn:aws:iam:")
    assert statement["Condition"] == {"StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subject}}


def test_no_policy_allows_every_action_or_resource(program: Program) -> None:
    """No role of the stack may do everything, or anything to everything but look; EC2 knows no other way to look."""
    for policy in program.of("Policy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action for action in actions)
            if statement["Resource"] == "*":
                assert all(action.startswith("ec2:Describe") for action in actions)


def test_roles_have_no_inline_policies(program: Program) -> None:
    """Rights are attached policies, which can be listed and reviewed."""
    assert not program.of("RolePolicy")
    assert all("inlinePolicies" not in role.inputs for role in program.of("Role"))


def test_service_roles_trust_this_account_only(prod: Program) -> None:
    """Services that act for the stack do so for this account's resources."""
    for name in ("cluster-role", "flow-logs-role"):
        (statement,) = json.loads(prod.only("Role", name)["assumeRolePolicy"])["Statement"]
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
