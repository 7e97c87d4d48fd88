"""The engines' use of their programs, with stand-ins on PATH."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import LocalError
from local.images import base, commands, engines, mounts
from local.images.archive import digest_of
from local.images.buildah import Buildah
from local.images.docker import Docker
from local.paths import REPO
from tests.local.images.conftest import Program


@pytest.fixture(autouse=True)
def _no_answer_is_remembered() -> Iterator[None]:
    engines.docker_answers.cache_clear()
    yield
    engines.docker_answers.cache_clear()


def test_prefers_a_docker_engine_that_answers(program: Program, tmp_path: Path) -> None:
    """With Docker, no package is needed."""
    program("docker", "exit 0")
    assert isinstance(engines.choose(tmp_path), Docker)
    assert engines.packages() == ()


def test_takes_buildah_where_docker_does_not_answer(program: Program, tmp_path: Path) -> None:
    """A docker client without an engine is no engine."""
    program("docker", "exit 1")
    program("buildah", "exit 0")
    program("mmdebstrap", "exit 0")
    assert isinstance(engines.choose(tmp_path), Buildah)
    assert engines.packages() == ("buildah", "mmdebstrap")


def test_names_the_package_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One sentence with the command that installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match="run `apt-get install --no-install-recommends buildah mmdebstrap`"):
        engines.choose(tmp_path)


def test_a_failing_program_is_one_sentence_with_its_last_words(program: Program) -> None:
    """Not a traceback, and not all that it printed."""
    program("tool", "echo one >&2; echo two >&2; exit 1")
    with pytest.raises(LocalError, match=r"^`tool` failed: two$"):
        commands.run(["tool"])


def test_a_program_that_hangs_is_ended(program: Program) -> None:
    """A registry that does not answer stops nothing."""
    program("tool", "exec tail -f /dev/null")
    assert not commands.succeeds(["tool"], timeout_s=0.2)


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces take root")
def test_a_contained_program_ends_with_all_that_it_started(tmp_path: Path) -> None:
    """A killed build leaves no process behind, not even one that its steps put in the background."""
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    script = f"(echo started; exec tail -f /dev/null) > {fifo} & wait"
    calling = f"from local.images import commands; commands.run(['sh', '-c', {script!r}], contained=True)"
    with subprocess.Popen([sys.executable, "-c", calling], cwd=REPO) as process, fifo.open() as held:
        assert held.readline() == "started\n"
        process.kill()
        assert held.read() == ""  # the end: no process has it open any more


def test_docker_saves_what_it_built(program: Program, tmp_path: Path, oci_archive: Path) -> None:
    """The image is named by the id of the build, and the archive holds it."""
    program(
        "docker",
        f"""
case $1 in
build) for a in "$@"; do case $a in --iidfile=*) printf sha256:feed > "${{a#--iidfile=}}";; esac; done;;
save) [ "$4" = sha256:feed ] && cp {oci_archive} "$3";;
esac""",
    )
    Docker().build(tmp_path / "Dockerfile", context=tmp_path, archive=tmp_path / "built.tar")
    assert digest_of(tmp_path / "built.tar") == digest_of(oci_archive)


def test_names_the_remedy_for_an_old_docker(program: Program, tmp_path: Path) -> None:
    """Before version 25, `docker save` wrote no index."""
    program(
        "docker",
        'case $1 in save) cd "$(dirname "$3")"; echo > old; tar cf "$3" old;; build) shift; '
        'for a; do case $a in --iidfile=*) echo x > "${a#--iidfile=}";; esac; done;; esac',
    )
    with pytest.raises(LocalError, match="update it to version 25 or later"):
        Docker().build(tmp_path / "Dockerfile", context=tmp_path, archive=tmp_path / "built.tar")


@pytest.fixture
def buildah(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Buildah:
    """Buildah without mounts, whose program says what it was asked."""
    program("mount", "exit 0")
    program("unshare", 'shift 4; exec "$@"')
    program(
        "buildah",
        f"""
echo "$@" >> {tmp_path}/asked
cp {tmp_path}/images/storage/pip.conf {tmp_path}/
echo no >&2
exit 1""",
    )
    for name in ("PIP_CERT", "SSL_CERT_FILE", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "images").mkdir()
    return Buildah(tmp_path / "images")


def test_buildah_leaves_no_storage_after_a_failure(buildah: Buildah, tmp_path: Path) -> None:
    """Containers, layers and mounts live in one folder that is gone afterwards; pip's cache stays."""
    with pytest.raises(LocalError, match="`buildah` failed: no"), buildah as engine:
        engine.build(tmp_path / "Dockerfile", context=tmp_path, archive=tmp_path / "built.tar")
    assert (tmp_path / "asked").is_file()
    assert not (tmp_path / "images" / "storage").exists()
    assert (tmp_path / "images" / "pip").is_dir()


def test_pip_in_a_build_reaches_its_index_as_the_machine_does(
    buildah: Buildah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's CA bundle is mounted beside the image's own, and its index is pip's."""
    bundle = tmp_path / "ca.crt"
    bundle.write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
    with pytest.raises(LocalError), buildah as engine:
        engine.build(tmp_path / "Dockerfile", context=tmp_path, archive=tmp_path / "built.tar")
    configuration = (tmp_path / "pip.conf").read_text().splitlines()
    assert {"cert = /run/host-ca.crt", "index-url = https://index.invalid/simple"} <= set(configuration)
    asked = (tmp_path / "asked").read_text()
    assert f"--volume={bundle}:/run/host-ca.crt:ro" in asked
    assert "index.invalid" not in asked


def test_finds_mounts_below_a_folder_innermost_first() -> None:
    """Only below, not beside; escaped spaces are read."""
    mountinfo = "\n".join(
        f"1 1 0:1 / {point} rw - tmpfs x rw"
        for point in ("/", "/cache/storage", "/cache/storage/a\\040b", "/cache/storage-2", "/cache/storage/a\\040b/c")
    )
    assert mounts.below(Path("/cache/storage"), mountinfo=mountinfo) == [
        "/cache/storage/a b/c",
        "/cache/storage/a b",
        "/cache/storage",
    ]


def test_the_base_comes_from_the_machines_own_sources(program: Program, tmp_path: Path) -> None:
    """Only sources of the suite are used, and a machine without any is told what to do."""
    debian, other = tmp_path / "debian.sources", tmp_path / "other.list"
    debian.write_text("Suites: bookworm")
    other.write_text("deb https://mirror.invalid trixie main")
    assert base.sources((other, debian)) == [str(debian)]
    with pytest.raises(LocalError, match="add an APT source of Debian bookworm"):
        base.sources((other, tmp_path / "none"))
