import json
from pathlib import Path
from typing import Any

import pytest

from model_build import manifest
from model_build.manifest import File, ManifestError

SHA256 = "0" * 64


def content(files: Any) -> bytes:
    whole = {"name": "sentiment", "version": "0123456789ab", "labels": ["NEGATIVE", "POSITIVE"], "max_tokens": 256}
    return json.dumps(whole | {"files": files}).encode()


def test_a_manifest_is_read() -> None:
    """Name, version, labels, length and files come out typed."""
    parsed = manifest.parse(content({"repository/sentiment/config.pbtxt": {"sha256": SHA256, "size": 3}}))
    assert parsed.labels == ("NEGATIVE", "POSITIVE")
    assert parsed.files == {"repository/sentiment/config.pbtxt": File(sha256=SHA256, size=3)}


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "repository/../../x",
        "/etc/passwd",
        "repository//x",
        "repository/./x",
        "x",
        "manifest.json",
        "repository",
        "repository\\..\\x",
        "repository/a\nb",
        "",
    ],
)
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    """Nothing that a manifest lists can be written elsewhere."""
    with pytest.raises(ManifestError, match="outside the model's repository"):
        manifest.parse(content({path: {"sha256": SHA256, "size": 1}}))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        content([]),
        content({"repository/x": {}}),
        content({"repository/x": 1}),
    ],
)
def test_another_shape_is_refused(raw: bytes) -> None:
    """What is not a manifest is one sentence, not a traceback."""
    with pytest.raises(ManifestError, match="not a model manifest"):
        manifest.parse(raw)


@pytest.mark.parametrize("size", [-1, manifest.LARGEST_MODEL + 1])
def test_an_impossible_size_is_refused(size: int) -> None:
    """A manifest cannot ask for more than a model may weigh."""
    with pytest.raises(ManifestError, match="bytes: "):
        manifest.parse(content({"repository/x": {"sha256": SHA256, "size": size}}))


def test_what_is_described_passes_the_check_until_it_changes(tmp_path: Path) -> None:
    """An unlisted file, a changed byte, another size and a missing file are each found."""
    file = tmp_path / "repository" / "sentiment" / "config.pbtxt"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    described = manifest.parse(content({p: vars(f) for p, f in manifest.describe(tmp_path).items()}))
    manifest.check(tmp_path, described)
    (file.parent / "other").touch()
    with pytest.raises(ManifestError, match="does not list repository/sentiment/other"):
        manifest.check(tmp_path, described)
    (file.parent / "other").unlink()
    for change in ("two", "three"):
        file.write_text(change)
        with pytest.raises(ManifestError, match="does not match"):
            manifest.check(tmp_path, described)
    file.unlink()
    with pytest.raises(ManifestError, match="is missing"):
        manifest.check(tmp_path, described)


def test_the_version_names_the_content() -> None:
    """Other bytes give another version; the order of the files does not matter."""
    one, two = File(sha256="1" * 64, size=1), File(sha256="2" * 64, size=1)
    assert manifest.version({"a": one, "b": two}) == manifest.version({"b": two, "a": one})
    assert manifest.version({"a": one, "b": two}) != manifest.version({"a": two, "b": one})
    assert len(manifest.version({})) == 12
