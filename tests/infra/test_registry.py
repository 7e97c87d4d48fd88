"""The stack's images and copies of those of others: names of its own, immutable, encrypted, scanned."""

import json

import pulumi
import pytest

from infra.operations.images import UPSTREAMS, ThirdPartyImage, ThirdPartyImages
from infra.registry import ImageRepositories, ImageRepositoriesArgs
from tests.infra.components import NAME, context, run_component
from tests.infra.conftest import ACCOUNT, Program

OWN = ("gateway", "fastapi-svc", "triton", "tls-proxy")
CACHED = ThirdPartyImage(name="metrics-server", source="registry.k8s.io/metrics-server/metrics-server", tag="v0.8.0")
COPIED = ThirdPartyImages.read().images


def test_repositories_are_named_after_the_stack(dev: Program, prod: Program) -> None:
    """Two stacks of an account share none, cached ones included."""
    names = [{each.inputs["name"] for each in stack.of("Repository")} for stack in (dev, prod)]
    assert names[0] == {f"inference-dev/{image}" for image in (*OWN, *(each.name for each in COPIED))}
    assert names[1] == {name.replace("-dev/", "-prod/") for name in names[0]}
    prefixes = [
        {each.inputs["ecrRepositoryPrefix"] for each in stack.of("PullThroughCacheRule")} for stack in (dev, prod)
    ]
    assert not prefixes[0] & prefixes[1]


def test_repositories_are_immutable_scanned_and_encrypted(program: Program) -> None:
    """A tag never moves, every push is scanned, layers are encrypted with our key."""
    for each in program.of("Repository"):
        assert each.inputs["imageTagMutability"] == "IMMUTABLE"
        assert each.inputs["imageScanningConfiguration"]["scanOnPush"] is True
        (encryption,) = each.inputs["encryptionConfigurations"]
        assert encryption["encryptionType"] == "KMS"
        assert encryption["kmsKey"].endswith("images-key")


def test_untagged_images_expire(program: Program) -> None:
    """In every repository, those that ECR makes included."""
    policies = [json.loads(each.inputs["policy"]) for each in program.of("LifecyclePolicy")]
    policies.append(json.loads(program.only("RepositoryCreationTemplate")["lifecyclePolicy"]))
    assert len(policies) == len(program.of("Repository")) + 1
    for policy in policies:
        assert [rule["selection"]["tagStatus"] for rule in policy["rules"]] == ["untagged"]


def test_registries_that_need_no_credentials_are_cached(prod: Program) -> None:
    """registry.k8s.io, public.ecr.aws and quay.io, each under its own prefix."""
    rules = {
        each.inputs["ecrRepositoryPrefix"]: each.inputs["upstreamRegistryUrl"]
        for each in prod.of("PullThroughCacheRule")
    }
    assert rules == {f"inference-prod/{prefix}": registry for prefix, registry in UPSTREAMS.items()}
    assert all("credentialArn" not in each.inputs for each in prod.of("PullThroughCacheRule"))


def test_cached_repositories_are_made_like_our_own(prod: Program) -> None:
    """Immutable, with our key, with the tags that say who answers for them."""
    template = prod.only("RepositoryCreationTemplate")
    assert template["prefix"] == "inference-prod"
    assert template["appliedFors"] == ["PULL_THROUGH_CACHE"]
    assert template["imageTagMutability"] == "IMMUTABLE"
    (encryption,) = template["encryptionConfigurations"]
    assert encryption["kmsKey"].endswith("images-key")
    assert template["resourceTags"]["environment"] == "prod"


def test_the_role_of_the_cache_makes_repositories_of_this_stack_only(prod: Program) -> None:
    """ECR assumes it, for this account, and gets no image of another stack with it."""
    (trust,) = json.loads(prod.only("Role", "image-cache-role")["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "ecr.amazonaws.com"}
    repositories, key = json.loads(prod.only("Policy", "image-cache-policy")["policy"])["Statement"]
    assert repositories["Resource"] == f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/inference-prod/*"
    assert key["Resource"].endswith("images-key")
    assert "kms:Decrypt" not in key["Action"]


def test_prefixes_fit_the_longest_name_of_a_stack() -> None:
    """ECR takes 30 characters, of which `inference-` and an environment of 15 take 25."""
    assert max(len(f"inference-{'x' * 15}/{prefix}") for prefix in UPSTREAMS) <= 30


def test_a_cached_image_keeps_its_path_and_a_copied_one_takes_its_name() -> None:
    """Where a node asks for an image follows from where it comes from."""
    copied = ThirdPartyImage(name="dcgm-exporter", source="nvcr.io/nvidia/k8s/dcgm-exporter", tag="4")
    assert CACHED.repository("inference-dev") == "inference-dev/k8s/metrics-server/metrics-server"
    assert copied.repository("inference-dev") == "inference-dev/dcgm-exporter"


def test_every_listed_image_has_a_digest() -> None:
    """What the stack runs of others is pinned, and so is what it is built from."""
    listed = ThirdPartyImages.read()
    assert all(image.digest for image in (*listed.images, *listed.bases))


def test_references_are_by_digest_in_the_stacks_registry() -> None:
    """Copied and cached images alike; one without a digest cannot be run, and the error says how to record one."""
    copied = COPIED[0]
    cached = CACHED.model_copy(update={"digest": f"sha256:{'1' * 64}", "name": "pinned"})
    refused: list[str] = []

    def build() -> dict[str, pulumi.Output[str]]:
        args = ImageRepositoriesArgs(context(), key_arn="key", third_party=[copied, cached, CACHED])
        repositories = ImageRepositories("repositories", args)
        with pytest.raises(pulumi.RunError, match="--record") as caught:
            repositories.third_party("metrics-server")
        refused.append(str(caught.value))
        return {name: repositories.third_party(name) for name in (copied.name, "pinned")}

    found = run_component(build)
    registry = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{NAME}"
    assert found.exports == {
        copied.name: f"{registry}/{copied.name}@{copied.digest}",
        "pinned": f"{registry}/k8s/metrics-server/metrics-server@{cached.digest}",
    }
    assert len(refused) == 1
    assert f"{NAME}/metrics-server" not in {each.inputs["name"] for each in found.of("Repository")}
