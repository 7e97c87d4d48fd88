"""Images are copied whole, by digest, with a login that no other process can read."""

import base64
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operations import copying
from infra.operations.accounts import AwsAccount
from infra.operations.building import Buildah
from infra.operations.copying import Copier, Crane, Skopeo
from infra.operations.errors import OperationError
from infra.operations.programs import Login, call, logged_in
from local.node.pki import Authority, Identity
from tests.infra.conftest import ACCOUNT
from tests.infra.operations.registry import Registry, serving

PROGRAM = """#!/bin/sh
echo "$@" >> "$SEEN"
[ -z "$DOCKER_CONFIG" ] || { cat "$DOCKER_CONFIG/config.json"; echo; } >> "$SEEN"
[ "$1" = digest ] && echo sha256:found
[ "$1" != fail ] || { echo "one" >&2; echo "the last word" >&2; exit 1; }
"""


@pytest.fixture
def registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Registry, Registry]]:
    """One that anybody reads, and one that takes a password; clients trust their authority."""
    authority = Authority(tmp_path, "authority")
    server = Identity(name="registry", common_name="registry", addresses=("127.0.0.1",), server=True)
    certificate, key = authority.issue(server, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    with (
        serving(Registry(), certificate, key) as source,
        serving(Registry(password="granted"), certificate, key) as target,
    ):
        yield source, target


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the stand-in for crane was called with, and the login that it found; it is the one copier on PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "crane").write_text(PROGRAM)
    (programs / "crane").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    return tmp_path / "seen"


def login(folder: Path, host: str, password: str) -> Login:
    """A login as `logged_in` makes it."""
    folder.mkdir()
    auth = base64.b64encode(f"AWS:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return Login(host, folder)


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_skopeo_keeps_the_digest_of_an_image_for_several_platforms(
    registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    """The index and both platforms arrive, in a registry that takes the login of the file; the tag means the same there."""
    source, target = registries
    digest = source.put_index("nvidia/plugin", "v1")
    copier: Copier = Skopeo()
    assert copier.digest(f"{source.host}/nvidia/plugin:v1") == digest
    granted = login(tmp_path / "login", target.host, "granted")
    copier.copy(f"{source.host}/nvidia/plugin@{digest}", f"{target.host}/inference-dev/plugin:v1", granted)
    assert target.manifests["inference-dev/plugin", "v1"] == source.manifests["nvidia/plugin", digest]
    arrived = {content for _, content in target.manifests.values()}
    assert arrived == {content for _, content in source.manifests.values()}
    assert target.blobs == source.blobs
    copier.pull(f"{target.host}/inference-dev/plugin@{digest}", granted)


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_a_registry_that_refuses_is_one_sentence(registries: tuple[Registry, Registry], tmp_path: Path) -> None:
    """With the wrong password nothing arrives, and the program's last words are passed on."""
    source, target = registries
    digest = source.put_index("nvidia/plugin", "v1")
    wrong = login(tmp_path / "login", target.host, "guessed")
    with pytest.raises(OperationError, match="`skopeo copy` failed: "):
        Skopeo().copy(f"{source.host}/nvidia/plugin@{digest}", f"{target.host}/inference-dev/plugin:v1", wrong)
    assert target.manifests == {}


@pytest.mark.skipif(shutil.which("buildah") is None or os.geteuid() != 0, reason="buildah, as root, is not available")
def test_buildah_pushes_what_it_built_for_the_nodes(
    registries: tuple[Registry, Registry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The identity is that of the image's configuration, which names the platform, and it stays the same when built again."""
    storage = tmp_path / "storage.conf"
    storage.write_text(f'[storage]\ndriver = "vfs"\nrunroot = "{tmp_path}/run"\ngraphroot = "{tmp_path}/graph"\n')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    _, target = registries
    built = Buildah().build(tmp_path / "Dockerfile", context=tmp_path)
    assert Buildah().build(tmp_path / "Dockerfile", context=tmp_path) == built
    Buildah().push(built, f"{target.host}/inference-dev/gateway:1", login(tmp_path / "login", target.host, "granted"))
    _, manifest = target.manifests["inference-dev/gateway", "1"]
    configuration = json.loads(manifest)["config"]["digest"]
    assert configuration == built
    assert json.loads(target.blobs[built])["architecture"] == "amd64"


def test_the_login_is_in_a_private_file_and_gone_afterwards(aws: AwsAccount) -> None:
    """ECR's token for the account's registry, for its owner only."""
    with logged_in(aws) as found:
        assert found.host == f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
        assert stat.S_IMODE(found.file.stat().st_mode) == 0o600
        assert base64.b64decode(json.loads(found.file.read_text())["auths"][found.host]["auth"]).startswith(b"AWS:")
    assert not found.folder.exists()


def test_crane_gets_the_login_as_a_file_and_never_as_an_argument(seen: Path, tmp_path: Path) -> None:
    """Arguments can be read by every process of the machine."""
    granted = login(tmp_path / "login", "registry", "granted")
    crane = Crane()
    assert crane.digest("nvcr.io/nvidia/plugin:v1") == "sha256:found"
    crane.copy("nvcr.io/nvidia/plugin@sha256:1", "registry/plugin:v1", granted)
    crane.pull("registry/k8s/metrics@sha256:2", granted)
    lines = seen.read_text().splitlines()
    token = base64.b64encode(b"AWS:granted").decode()
    called = [line for line in lines if not line.startswith("{")]
    assert called[:2] == ["digest nvcr.io/nvidia/plugin:v1", "copy nvcr.io/nvidia/plugin@sha256:1 registry/plugin:v1"]
    assert called[2].startswith("pull --format=oci registry/k8s/metrics@sha256:2 /")
    assert not any(token in line for line in called)
    assert sum(token in line for line in lines) == 2


def test_the_program_that_is_there_is_taken(seen: Path) -> None:
    """crane before skopeo."""
    assert isinstance(copying.choose(), Crane)


def test_without_a_program_it_says_which_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the remedy."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperationError, match="none of crane, skopeo on PATH to copy images: install one of them"):
        copying.choose()


def test_a_program_that_fails_is_told_by_its_last_word(seen: Path) -> None:
    """Not by all of its output."""
    with pytest.raises(OperationError, match=r"^`crane fail` failed: the last word$"):
        call(["crane", "fail"])
