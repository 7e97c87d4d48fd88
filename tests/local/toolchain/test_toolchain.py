"""Tools come from PATH where they fit, else from the cache under a key of what they are built from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import toolchain
from local.errors import LocalError
from local.toolchain import official
from local.toolchain.programs import PROGRAMS


@pytest.fixture(autouse=True)
def _fresh_look() -> Iterator[None]:
    """Forget what earlier tests found on PATH."""
    official.find.cache_clear()
    official.version.cache_clear()
    yield
    official.find.cache_clear()
    official.version.cache_clear()


def put_pulumi(folder: Path, version: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `pulumi` on PATH that prints `version`, with its language host beside it."""
    for name in ("pulumi", "pulumi-language-python"):
        (folder / name).write_text(f"#!/bin/sh\necho v{version}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return folder / "pulumi"


def test_a_fitting_official_pulumi_wins_and_brings_its_language_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is built where an official one of a fitting version is on PATH."""
    pulumi = put_pulumi(tmp_path, "3.250.0", monkeypatch)
    assert toolchain.path("pulumi") == pulumi
    assert toolchain.path("pulumi-language-python") == tmp_path / "pulumi-language-python"
    assert toolchain.origin("pulumi").startswith("3.250.0 (official")


@pytest.mark.parametrize("version", ["3.229.0", "4.0.0", "2.25.2"])
def test_a_pulumi_that_does_not_fit_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Too old (no `policy analyze`) and an unknown major version are both passed over."""
    put_pulumi(tmp_path, version, monkeypatch)
    assert official.find("pulumi") is None


def test_a_tool_that_is_not_built_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which tool and which command."""
    monkeypatch.setattr(toolchain, "CACHE", tmp_path)
    with pytest.raises(LocalError, match="The tool kube is not built yet: run `make tools`"):
        toolchain.path("kube")


def test_without_go_the_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go is the one thing that the builds need and do not bring."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match=r"install Go 1\.26"):
        toolchain.ensure(["pause"])


def test_programs_that_must_lie_side_by_side_share_a_folder() -> None:
    """The engine looks for its language host beside itself."""
    folders = {program.name: program.folder for program in PROGRAMS}
    assert folders["pulumi"] == folders["pulumi-language-python"]
    assert len({(program.folder, program.name) for program in PROGRAMS}) == len(PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: str(program.name))
def test_every_module_is_pinned_by_its_sums(program: object) -> None:
    """A module file without sums would build whatever the proxy serves."""
    module = Path(toolchain.__file__).parent / program.module  # type: ignore[attr-defined]
    text = (module / "go.mod").read_text()
    assert "require" not in text or (module / "go.sum").stat().st_size > 0
