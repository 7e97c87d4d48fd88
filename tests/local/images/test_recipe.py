"""The cache keys of images."""

from pathlib import Path

import pytest

from local.errors import LocalError
from local.images.recipe import RECIPES, Recipe
from local.paths import REPO

RECIPE = Recipe(name="a", dockerfile="Dockerfile")
DOCKERFILE = """FROM base AS build
COPY lock /tmp/lock
FROM base
COPY --from=build /opt/venv /opt/venv
COPY --chmod=755 \\
  program /app/
COPY folder /app/folder
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "folder").mkdir()
    for name in ("lock", "program", "folder/file", "unrelated"):
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize("changed", ["Dockerfile", "lock", "program", "folder/file"])
def test_the_key_changes_with_everything_that_goes_in(repo: Path, changed: str) -> None:
    """The Dockerfile, and each file that it copies, flags and line continuations or not."""
    before = RECIPE.key(repo, base="sha256:a")
    with (repo / changed).open("a") as file:
        file.write("# more\n")
    assert RECIPE.key(repo, base="sha256:a") != before


def test_the_key_changes_with_the_base_the_mode_and_new_files(repo: Path) -> None:
    """Another base, a file that became executable, and a file more are other images."""
    keys = {RECIPE.key(repo, base="sha256:a"), RECIPE.key(repo, base="sha256:b")}
    (repo / "program").chmod(0o755)
    keys.add(RECIPE.key(repo, base="sha256:a"))
    (repo / "folder" / "more").write_text("")
    keys.add(RECIPE.key(repo, base="sha256:a"))
    assert len(keys) == 4


def test_the_key_ignores_what_does_not_go_in(repo: Path) -> None:
    """Other files, and bytecode, are not in the image."""
    before = RECIPE.key(repo, base="sha256:a")
    (repo / "unrelated").write_text("changed")
    (repo / "folder" / "__pycache__").mkdir()
    (repo / "folder" / "__pycache__" / "file.pyc").write_text("")
    assert RECIPE.key(repo, base="sha256:a") == before


def test_a_missing_file_is_one_sentence(repo: Path) -> None:
    """The sentence names the file and the Dockerfile."""
    (repo / "lock").unlink()
    with pytest.raises(LocalError, match="Dockerfile copies lock, which this clone lacks"):
        RECIPE.key(repo, base="sha256:a")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_this_clone_has_what_its_dockerfiles_copy(recipe: Recipe) -> None:
    """Each key can be computed, which reads every file that goes in."""
    assert len(recipe.key(REPO, base="sha256:a")) == 16
