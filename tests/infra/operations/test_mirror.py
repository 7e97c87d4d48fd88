"""Images of others get into the stack's registry by the digest that is recorded, or not at all."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.operations import mirror
from infra.operations.accounts import AwsAccount
from infra.operations.copying import Copier
from infra.operations.errors import FAILED, OperationError, run
from infra.operations.images import FILE, ThirdPartyImage, ThirdPartyImages
from infra.operations.programs import Login
from infra.operations.stacks import StackFile
from tests.infra.conftest import ACCOUNT

HOST = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []})
DIGEST = f"sha256:{hashlib.sha256(MANIFEST.encode()).hexdigest()}"
COPIED = ThirdPartyImage(name="plugin", source="nvcr.io/nvidia/plugin", tag="v1", digest=DIGEST)
CACHED = ThirdPartyImage(name="metrics", source="registry.k8s.io/metrics/server", tag="v2", digest=DIGEST)


class StandIn:
    """Copies into moto's registry what it is asked for, or `delivers` something else."""

    def __init__(self, aws: AwsAccount, *, delivers: str = MANIFEST) -> None:
        self._ecr, self._delivers = aws.client("ecr"), delivers
        self.asked: list[tuple[str, ...]] = []

    def digest(self, reference: str) -> str:
        self.asked.append(("digest", reference))
        return f"sha256:{hashlib.sha256(reference.encode()).hexdigest()}"

    def copy(self, source: str, target: str, login: Login) -> None:
        self.asked.append(("copy", source, target))
        repository, _, tag = target.removeprefix(f"{login.host}/").rpartition(":")
        self._put(repository, tag)

    def pull(self, reference: str, login: Login) -> None:
        """As ECR does for a cache: the repository and the image come into being."""
        self.asked.append(("pull", reference))
        repository = reference.removeprefix(f"{login.host}/").partition("@")[0]
        self._ecr.create_repository(repositoryName=repository)
        self._put(repository, "cached")

    def _put(self, repository: str, tag: str) -> None:
        digest = f"sha256:{hashlib.sha256(self._delivers.encode()).hexdigest()}"
        self._ecr.put_image(repositoryName=repository, imageManifest=self._delivers, imageTag=tag, imageDigest=digest)


def mirrored(stack: StackFile, *images: ThirdPartyImage, with_: Copier) -> int:
    """One run, as the command makes it."""
    return run(lambda: mirror.mirror(stack, images, with_))


@pytest.fixture
def updated(aws: AwsAccount) -> AwsAccount:
    """The account after the stack's first update, which makes the repositories of copied images."""
    aws.client("ecr").create_repository(repositoryName="inference-dev/plugin")
    return aws


def test_an_image_is_copied_by_digest_under_its_tag(updated: AwsAccount, stack: StackFile) -> None:
    """Its source is asked for by digest, so that a moved tag brings nothing else."""
    copier = StandIn(updated)
    assert mirrored(stack, COPIED, with_=copier) == 0
    assert copier.asked == [("copy", f"nvcr.io/nvidia/plugin@{DIGEST}", f"{HOST}/inference-dev/plugin:v1")]
    (found,) = updated.client("ecr").describe_images(repositoryName="inference-dev/plugin")["imageDetails"]
    assert (found["imageDigest"], found["imageTags"]) == (DIGEST, ["v1"])


def test_a_cached_image_is_asked_for_through_the_cache(aws: AwsAccount, stack: StackFile) -> None:
    """ECR fetches it itself; nobody could have asked from within the VPC."""
    copier = StandIn(aws)
    assert mirrored(stack, CACHED, with_=copier) == 0
    assert copier.asked == [("pull", f"{HOST}/inference-dev/k8s/metrics/server@{DIGEST}")]


def test_what_is_there_is_not_fetched_again(
    updated: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is safe to repeat, and says what it found."""
    copier = StandIn(updated)
    mirrored(stack, COPIED, CACHED, with_=copier)
    copier.asked.clear()
    capsys.readouterr()
    assert mirrored(stack, COPIED, CACHED, with_=copier) == 0
    assert copier.asked == []
    assert capsys.readouterr().out.splitlines() == [
        f"there: inference-dev/plugin@{DIGEST}",
        f"there: inference-dev/k8s/metrics/server@{DIGEST}",
    ]


@pytest.mark.parametrize("image", [COPIED, CACHED], ids=lambda image: image.name)
def test_something_else_than_what_is_recorded_is_an_error(
    updated: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], image: ThirdPartyImage
) -> None:
    """The registry is asked afterwards, whatever the program said."""
    copier = StandIn(updated, delivers=MANIFEST.replace("[]", '["something else"]'))
    assert mirrored(stack, image, with_=copier) == FAILED
    assert f"does not have {DIGEST} after it was fetched" in capsys.readouterr().err


def test_an_image_without_a_digest_stops_everything(
    updated: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is copied, and with the way to record one."""
    copier = StandIn(updated)
    new = COPIED.model_copy(update={"name": "new", "digest": None})
    assert mirrored(stack, COPIED, new, with_=copier) == FAILED
    assert capsys.readouterr().err.startswith("new: no digest is recorded; run")
    assert copier.asked == []


def test_before_the_first_update_it_says_what_is_missing(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program makes the repositories, with their key and their policies; this command makes none."""
    assert mirrored(stack, COPIED, with_=StandIn(aws)) == FAILED
    assert capsys.readouterr().err == "There is no repository inference-dev/plugin yet: update the stack once.\n"


def test_without_credentials_it_says_so(
    stack: StackFile, capsys: pytest.CaptureFixture[str], no_credentials: None
) -> None:
    """One sentence, and the exit status of a failure."""
    assert mirrored(stack, COPIED, with_=Registries("none", DIGEST)) == FAILED
    assert capsys.readouterr().err.startswith("There are no AWS credentials (")


@pytest.fixture
def listed(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of images.yaml from which the digest of an image was taken away."""

    def without(name: str) -> Path:
        document: dict[str, Any] = yaml.safe_load(FILE.read_text())
        (digest,) = [each["digest"] for each in document["images"] + document["bases"] if each["name"] == name]
        file = tmp_path / "images.yaml"
        file.write_text(FILE.read_text().replace(f"    digest: {digest}\n", ""))
        return file

    return without


class Registries:
    """What tags mean: as recorded, but for one image."""

    def __init__(self, changed: str, digest: str) -> None:
        recorded = ThirdPartyImages.read()
        found = {f"{each.source}:{each.tag}": str(each.digest) for each in (*recorded.images, *recorded.bases)}
        self._found = {**found, **{reference: digest for reference in found if f"/{changed}:" in reference}}

    def digest(self, reference: str) -> str:
        return self._found[reference]

    def copy(self, source: str, target: str, login: Login) -> None:
        raise AssertionError(source)

    def pull(self, reference: str, login: Login) -> None:
        raise AssertionError(reference)


@pytest.mark.parametrize("name", ["k8s-device-plugin", "dcgm-exporter", "tritonserver"])
def test_a_missing_digest_is_recorded_where_it_belongs(listed: Callable[[str], Path], name: str) -> None:
    """The file is otherwise as it was, comments included."""
    file = listed(name)
    document = ThirdPartyImages.read()
    (recorded,) = [str(each.digest) for each in (*document.images, *document.bases) if each.name == name]
    assert mirror.record(file, Registries("none", DIGEST)) == 0
    assert file.read_text() == FILE.read_text()
    assert recorded in file.read_text()


def test_a_recorded_digest_is_not_changed(tmp_path: Path) -> None:
    """A tag that moved is told, and the file stays: whoever means it deletes the line."""
    file = tmp_path / "images.yaml"
    file.write_text(FILE.read_text())
    with pytest.raises(OperationError, match=r"dcgm-exporter:\S+ is sha256:\w+ now; the record stays"):
        mirror.record(file, Registries("dcgm-exporter", DIGEST))
    assert file.read_text() == FILE.read_text()
