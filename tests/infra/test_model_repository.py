"""The manifest is the only authority on what a model is."""

import hashlib
import json
from pathlib import Path

import pytest

from infra.model_repository import ModelRepository


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of one file."""
    (tmp_path / "model.onnx").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    _write_manifest(tmp_path, {"model.onnx": {"sha256": digest, "size": 7}})
    return tmp_path


def _write_manifest(folder: Path, files: object) -> None:
    (folder / "manifest.json").write_text(json.dumps({"name": "sentiment", "version": "abc", "files": files}))


def test_reads_files_and_hash_of_the_manifest(folder: Path) -> None:
    """The manifest itself is a file of the model, and its hash is the model's."""
    model = ModelRepository.read(str(folder))
    assert [file.path for file in model.files] == ["manifest.json", "model.onnx"]
    assert model.manifest_sha256 == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()


def test_changed_file_is_refused(folder: Path) -> None:
    """A file that differs from its hash is named."""
    (folder / "model.onnx").write_bytes(b"tampered")
    with pytest.raises(ValueError, match=r"model\.onnx differs from its sha256"):
        ModelRepository.read(str(folder))


def test_missing_file_is_refused(folder: Path) -> None:
    """A file that the manifest names must be there."""
    (folder / "model.onnx").unlink()
    with pytest.raises(ValueError, match=r"model\.onnx is in the manifest but not on disk: run `make model`"):
        ModelRepository.read(str(folder))


@pytest.mark.parametrize("path", ["../outside", "/etc/hostname"])
def test_path_outside_the_repository_is_refused(folder: Path, path: str) -> None:
    """A manifest cannot make the program upload a file from elsewhere."""
    _write_manifest(folder, {path: {"sha256": "0", "size": 1}})
    with pytest.raises(ValueError, match="lies outside the model repository"):
        ModelRepository.read(str(folder))


@pytest.mark.parametrize("files", [["model.onnx"], {"model.onnx": {}}, None])
def test_other_json_is_refused(folder: Path, files: object) -> None:
    """JSON that is no manifest is refused with the remedy."""
    _write_manifest(folder, files)
    with pytest.raises(ValueError, match="is not a model manifest: run `make model`"):
        ModelRepository.read(str(folder))
