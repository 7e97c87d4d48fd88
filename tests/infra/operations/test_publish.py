"""The stack's images are built, pushed once, and recorded where the next update reads them."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from infra.operations import building
from infra.operations.accounts import AwsAccount
from infra.operations.building import Buildah, Builder, Docker
from infra.operations.errors import FAILED, OperationError, run
from infra.operations.programs import Login
from infra.operations.publish import dockerfiles, publish
from infra.operations.stack_file_edit import set_image_digests
from infra.operations.stacks import StackFile
from tests.infra.conftest import ACCOUNT, REPO
from tests.infra.operations.conftest import STACK

IMAGES = ("gateway", "fastapi-svc", "triton", "tls-proxy")
DIGESTS = {image: f"sha256:{str(number) * 64}" for number, image in enumerate(IMAGES, start=1)}
PROGRAM = """#!/bin/sh
echo "$(basename "$0") $@" >> "$SEEN"
for option; do case "$option" in --iidfile=*) echo sha256:built > "${option#--iidfile=}" ;; esac; done
[ "$1" != info ] || exit "$ENGINE"
"""


def sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


class StandIn:
    """Builds nothing and pushes into moto's registry."""

    def __init__(self, aws: AwsAccount, *, loses: str | None = None) -> None:
        self._ecr, self._loses = aws.client("ecr"), loses
        self.built: list[str] = []
        self.pushed: list[str] = []

    def build(self, dockerfile: Path, *, context: Path) -> str:
        assert context == REPO
        self.built.append(str(dockerfile.relative_to(REPO)))
        return sha256(dockerfile.read_text())

    def push(self, image: str, reference: str, login: Login) -> None:
        self.pushed.append(reference)
        repository, _, tag = reference.removeprefix(f"{login.host}/").rpartition(":")
        if repository != self._loses:
            manifest = json.dumps({"mediaType": "application/vnd.oci.image.manifest.v1+json", "of": image})
            self._ecr.put_image(
                repositoryName=repository, imageManifest=manifest, imageTag=tag, imageDigest=sha256(manifest)
            )


def published(stack: StackFile, builder: Builder) -> int:
    """One run, as the command makes it."""
    return run(lambda: publish(stack, builder))


@pytest.fixture
def updated(aws: AwsAccount) -> AwsAccount:
    """The account after the stack's first update."""
    for image in IMAGES:
        aws.client("ecr").create_repository(repositoryName=f"inference-dev/{image}", imageTagMutability="IMMUTABLE")
    return aws


def recorded(stack: StackFile) -> dict[str, str]:
    """What the stack's file says now."""
    found: dict[str, str] = yaml.safe_load(stack.path.read_text())["config"]["inference:imageDigests"]
    return found


def test_every_image_is_pushed_and_its_digest_recorded(updated: AwsAccount, stack: StackFile) -> None:
    """The digest is the registry's, under a tag that only this content has."""
    builder = StandIn(updated)
    assert published(stack, builder) == 0
    for image, digest in recorded(stack).items():
        (found,) = updated.client("ecr").describe_images(repositoryName=f"inference-dev/{image}")["imageDetails"]
        assert found["imageDigest"] == digest
    assert list(recorded(stack)) == list(IMAGES)
    host = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
    assert [reference.rpartition(":")[0] for reference in builder.pushed] == [
        f"{host}/inference-dev/{image}" for image in IMAGES
    ]


def test_what_is_there_is_not_pushed_again(updated: AwsAccount, stack: StackFile) -> None:
    """A tag cannot be moved; the same content has the same tag, and the record stays."""
    builder = StandIn(updated)
    published(stack, builder)
    before = stack.path.read_text()
    builder.pushed.clear()
    assert published(stack, builder) == 0
    assert builder.pushed == []
    assert stack.path.read_text() == before


@pytest.mark.parametrize(("accelerator", "dockerfile"), [("nvidia", "Dockerfile"), ("none", "Dockerfile.cpu")])
def test_triton_is_built_for_what_the_stack_computes_on(stack: StackFile, accelerator: str, dockerfile: str) -> None:
    """Every Dockerfile that is named is there."""
    stack.path.write_text(STACK.replace("nvidia", accelerator))
    found = dockerfiles(StackFile.read("dev", folder=stack.path.parent))
    assert found["triton"] == f"services/triton/{dockerfile}"
    assert all((REPO / path).is_file() for path in found.values())


def test_before_the_first_update_nothing_is_built(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes minutes to find out otherwise."""
    builder = StandIn(aws)
    assert published(stack, builder) == FAILED
    assert capsys.readouterr().err.startswith("The stack dev has no repositories yet: run `pulumi up --stack dev` once")
    assert builder.built == []


def test_a_push_that_got_lost_is_not_recorded(
    updated: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """The registry is asked afterwards, whatever the program said; the file stays as it was."""
    assert published(stack, StandIn(updated, loses="inference-dev/triton")) == FAILED
    assert "inference-dev/triton does not have the tag" in capsys.readouterr().err
    assert stack.path.read_text() == STACK


def edited(tmp_path: Path, text: str) -> str:
    """The text of a stack's file after the digests were set."""
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(text)
    set_image_digests(file, DIGESTS)
    return file.read_text()


@pytest.mark.parametrize("stack_name", ["dev", "prod"])
def test_only_the_digests_of_an_example_change(tmp_path: Path, stack_name: str) -> None:
    """Line by line: comments, order and everything else stay."""
    before = (REPO / f"Pulumi.{stack_name}.yaml").read_text()
    after = edited(tmp_path, before)
    zeros = f"sha256:{'0' * 64}"
    changed = [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
    assert {new.strip() for _, new in changed} == {f"{image}: {digest}" for image, digest in DIGESTS.items()}
    assert all(zeros in old for old, _ in changed)


def test_digests_are_added_where_there_are_none(tmp_path: Path) -> None:
    """At the end of the configuration, before what the engine keeps below it."""
    after = edited(tmp_path, f"{STACK}encryptedkey: abc\n")
    assert after.startswith(STACK)
    assert after.endswith(f"    tls-proxy: {DIGESTS['tls-proxy']}\nencryptedkey: abc\n")


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("  inference:imageDigests: # of last week\n    gateway: sha256:" + "9" * 64 + " # built by hand\n", 2),
        ("  inference:imageDigests: {}\n", 0),
        (f"  inference:imageDigests: {{gateway: sha256:{'9' * 64}}}\n", 0),
        ("  'inference:imageDigests': {}\n", 0),
    ],
    ids=["with comments", "empty", "in one line", "in quotes"],
)
def test_other_ways_of_writing_are_understood(tmp_path: Path, before: str, kept: int) -> None:
    """Comments at the key and at an entry stay."""
    after = edited(tmp_path, f"{STACK}{before}  inference:owner: somebody\n")
    assert yaml.safe_load(after)["config"]["inference:imageDigests"] == DIGESTS
    assert sum(comment in after for comment in ("# of last week", "# built by hand")) == kept
    assert after.endswith("  inference:owner: somebody\n")


def test_a_file_that_cannot_be_edited_is_left_alone(tmp_path: Path) -> None:
    """The user gets the values to set by hand."""
    text = f"{STACK}  inference:imageDigests: {{\n    gateway: sha256:{'9' * 64}\n  }}\n"
    with pytest.raises(
        OperationError, match="cannot be edited without changing more of it: set inference:imageDigests"
    ):
        edited(tmp_path, text)
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == text


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the stand-ins for docker and buildah were called with."""
    for program in ("docker", "buildah"):
        (tmp_path / program).write_text(PROGRAM)
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    monkeypatch.setenv("ENGINE", "0")
    return tmp_path / "seen"


@pytest.mark.parametrize(
    ("builder", "push"),
    [
        (Docker(), "docker push --quiet registry/gateway:1"),
        (Buildah(), "buildah push --quiet --authfile={folder}/config.json sha256:built docker://registry/gateway:1"),
    ],
    ids=["docker", "buildah"],
)
def test_both_builders_build_for_the_nodes_and_push_with_a_login_from_a_file(
    seen: Path, tmp_path: Path, builder: Builder, push: str
) -> None:
    """x86_64, whatever this machine is; no password among the arguments."""
    assert builder.build(Path("Dockerfile"), context=tmp_path) == "sha256:built"
    builder.push("sha256:built", "registry/gateway:1", Login("registry", tmp_path))
    called = seen.read_text().splitlines()
    assert "--platform=linux/amd64" in called[0]
    assert "--file=Dockerfile" in called[0]
    assert called[-1] == push.format(folder=tmp_path)


@pytest.mark.parametrize(("engine", "chosen"), [("0", Docker), ("1", Buildah)])
def test_docker_is_taken_where_its_engine_answers(
    seen: Path, monkeypatch: pytest.MonkeyPatch, engine: str, chosen: type
) -> None:
    """The command line alone builds nothing."""
    monkeypatch.setenv("ENGINE", engine)
    assert isinstance(building.choose(), chosen)


def test_without_a_builder_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperationError, match="No Docker engine answers, and there is no buildah on PATH"):
        building.choose()
