"""Models and images: encrypted, private, and read only by who serves them."""

import json

import pytest

from tests.infra.conftest import ACCOUNT, Program


def test_bucket_is_closed(program: Program) -> None:
    """Public access is blocked, ACLs are off, versions are kept."""
    access = program.only("BucketPublicAccessBlock")
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(access[block] is True for block in blocks)
    assert program.only("BucketOwnershipControls")["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert program.only("BucketVersioning")["versioningConfiguration"]["status"] == "Enabled"


def test_bucket_is_encrypted_with_our_key(program: Program) -> None:
    """Objects are encrypted with the models' key and a bucket key."""
    (rule,) = program.only("BucketServerSideEncryptionConfiguration")["rules"]
    assert rule["bucketKeyEnabled"] is True
    default = rule["applyServerSideEncryptionByDefault"]
    assert default["sseAlgorithm"] == "aws:kms"
    assert default["kmsMasterKeyId"].endswith("models-key")


def test_bucket_policy_only_denies(program: Program) -> None:
    """The policy refuses plain connections, old TLS and other keys, and grants nothing."""
    found = json.loads(program.only("BucketPolicy")["policy"])["Statement"]
    assert {each["Sid"] for each in found} == {"TlsOnly", "CurrentTlsOnly", "OwnKeyOnly"}
    assert {each["Effect"] for each in found} == {"Deny"}


def test_every_file_of_the_model_is_stored_under_its_version(program: Program) -> None:
    """The manifest and each file of it are uploaded, encrypted, with their hash as the reason to upload again."""
    objects = {each.inputs["key"]: each.inputs for each in program.of("BucketObjectv2")}
    prefix = "models/sentiment/0123456789ab"
    assert set(objects) == {
        f"{prefix}/manifest.json",
        f"{prefix}/repository/sentiment/config.pbtxt",
        f"{prefix}/repository/sentiment/1/model.onnx",
    }
    for each in objects.values():
        assert each["serverSideEncryption"] == "aws:kms"
        assert each["kmsKeyId"].endswith("models-key")
        assert len(each["sourceHash"]) == 64


def test_repositories_are_immutable_scanned_and_encrypted(program: Program) -> None:
    """A tag never moves, every push is scanned, layers are encrypted with our key."""
    repositories = program.of("Repository")
    assert {each.inputs["name"] for each in repositories} == {
        "inference/gateway",
        "inference/fastapi-svc",
        "inference/triton",
    }
    for each in repositories:
        assert each.inputs["imageTagMutability"] == "IMMUTABLE"
        assert each.inputs["imageScanningConfiguration"]["scanOnPush"] is True
        (encryption,) = each.inputs["encryptionConfigurations"]
        assert encryption["encryptionType"] == "KMS"
        assert encryption["kmsKey"].endswith("images-key")


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
    """No role of the stack may do everything, or anything to everything."""
    for policy in program.of("Policy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            assert statement["Resource"] != "*"
            assert "*" not in str(statement["Action"])


def test_roles_have_no_inline_policies(program: Program) -> None:
    """Rights are attached policies, which can be listed and reviewed."""
    assert not program.of("RolePolicy")
    assert all("inlinePolicies" not in role.inputs for role in program.of("Role"))


def test_service_roles_trust_this_account_only(prod: Program) -> None:
    """Services that act for the stack do so for this account's resources."""
    for name in ("cluster-role", "flow-logs-role"):
        (statement,) = json.loads(prod.only("Role", name)["assumeRolePolicy"])["Statement"]
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
