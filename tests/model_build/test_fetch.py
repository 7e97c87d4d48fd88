import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from model_build import fetch
from model_build.fetch import FetchError
from model_build.manifest import ManifestError

URI = "s3://models-bucket/models/sentiment/0123456789ab"
PREFIX = "models/sentiment/0123456789ab"
FILES = {"repository/sentiment/config.pbtxt": b"name", "repository/sentiment/1/model.onnx": b"weights" * 1000}


class Bucket:
    """Answers get_object from a dictionary, as boto3's client does."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects = dict(objects)
        self.asked: list[str] = []

    def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:
        assert Bucket == "models-bucket"
        self.asked.append(Key)
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}


def bucket(listed: Mapping[str, object] | None = None) -> tuple[Bucket, str]:
    """The model's objects and the sha256 of its manifest, which lists `listed` too."""
    entries = {path: {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)} for path, body in FILES.items()}
    raw = {"name": "sentiment", "version": "0123456789ab", "labels": ["NEGATIVE", "POSITIVE"], "max_tokens": 256}
    manifest = json.dumps(raw | {"files": entries | dict(listed or {})}).encode()
    objects = {f"{PREFIX}/{path}": body for path, body in FILES.items()} | {f"{PREFIX}/manifest.json": manifest}
    return Bucket(objects), hashlib.sha256(manifest).hexdigest()


def test_a_whole_model_is_fetched(tmp_path: Path) -> None:
    """Every file lands where the manifest says, and nothing else stays behind."""
    storage, sha256 = bucket()
    assert fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path).version == "0123456789ab"
    assert {path: (tmp_path / path).read_bytes() for path in FILES} == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "repository"]


def test_a_restarted_container_fetches_nothing_twice(tmp_path: Path) -> None:
    """A volume that holds the model already is verified and kept; a damaged file is fetched again."""
    storage, sha256 = bucket()
    fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    asked = len(storage.asked)
    fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    assert len(storage.asked) == asked
    (tmp_path / "repository/sentiment/config.pbtxt").write_text("evil")
    fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    assert (tmp_path / "repository/sentiment/config.pbtxt").read_bytes() == b"name"


def test_another_manifest_is_refused(tmp_path: Path) -> None:
    """The deployment says which manifest is right, not the bucket."""
    storage, _ = bucket()
    with pytest.raises(FetchError, match="in the bucket is not the deployed one's, so nothing was started"):
        fetch.fetch(storage, uri=URI, manifest_sha256="0" * 64, target=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"weightz" * 1000, "The SHA-256 of repository/sentiment/1/model.onnx in the bucket is not the manifest's"),
        (b"short", "The SHA-256 of repository/sentiment/1/model.onnx in the bucket is not the manifest's"),
        (b"weights" * 2000, "repository/sentiment/1/model.onnx has more than its 7000 bytes"),
    ],
)
def test_other_bytes_than_the_manifests_are_refused(tmp_path: Path, body: bytes, said: str) -> None:
    """A changed, shortened or longer object stops the pod and is named, and no part of the model stays."""
    storage, sha256 = bucket()
    storage.objects[f"{PREFIX}/repository/sentiment/1/model.onnx"] = body
    with pytest.raises(FetchError, match=rf"{said}, so nothing was started: .* publish the model again\.$"):
        fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_was_there_is_not_served_after_a_failure(tmp_path: Path) -> None:
    """When the next model cannot be fetched, the manifest of the old one is gone."""
    storage, sha256 = bucket()
    fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    with pytest.raises(FetchError):
        fetch.fetch(storage, uri=URI, manifest_sha256="0" * 64, target=tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_a_missing_object_is_one_sentence(tmp_path: Path) -> None:
    """The object and S3's code are named."""
    storage, sha256 = bucket()
    del storage.objects[f"{PREFIX}/repository/sentiment/config.pbtxt"]
    with pytest.raises(FetchError, match=r"refused the object .*config\.pbtxt \(NoSuchKey\)"):
        fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)


def test_an_unreachable_bucket_is_one_sentence(tmp_path: Path) -> None:
    """Network trouble says what kind it is."""

    class Unreachable:
        def get_object(self, *, Bucket: str, Key: str) -> Mapping[str, Any]:
            raise EndpointConnectionError(endpoint_url="https://storage.invalid")

    with pytest.raises(FetchError, match="EndpointConnectionError"):
        fetch.fetch(Unreachable(), uri=URI, manifest_sha256="0" * 64, target=tmp_path)


def test_nothing_that_the_manifest_does_not_list_gets_in(tmp_path: Path) -> None:
    """Another object in the bucket is not asked for, and another file in the volume has the model fetched anew."""
    storage, sha256 = bucket()
    storage.objects[f"{PREFIX}/repository/sentiment/1/model.py"] = b"evil"
    fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    (tmp_path / "repository/sentiment/1/model.py").write_bytes(b"evil")
    fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)
    assert not (tmp_path / "repository/sentiment/1/model.py").exists()
    assert f"{PREFIX}/repository/sentiment/1/model.py" not in storage.asked


def test_a_traversing_path_is_never_asked_for(tmp_path: Path) -> None:
    """A manifest with the right hash still cannot write outside the volume."""
    storage, sha256 = bucket({"../x": {"sha256": "0" * 64, "size": 1}})
    with pytest.raises(ManifestError, match="outside the model's repository"):
        fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path / "model")
    assert storage.asked == [f"{PREFIX}/manifest.json"]
    assert not (tmp_path / "x").exists()


def test_an_endless_manifest_is_cut_off(tmp_path: Path) -> None:
    """A manifest over a mebibyte is not read to its end."""
    storage, sha256 = bucket()
    storage.objects[f"{PREFIX}/manifest.json"] = b" " * 3_000_000
    with pytest.raises(FetchError, match="more than its 1048576 bytes"):
        fetch.fetch(storage, uri=URI, manifest_sha256=sha256, target=tmp_path)


@pytest.mark.parametrize("uri", ["https://bucket/prefix", "s3://bucket", "s3:///prefix", ""])
def test_another_kind_of_address_is_refused(tmp_path: Path, uri: str) -> None:
    """MODEL_URI is s3://bucket/prefix and nothing else."""
    with pytest.raises(FetchError, match="MODEL_URI is not of the form"):
        fetch.fetch(Bucket({}), uri=uri, manifest_sha256="0" * 64, target=tmp_path)


def test_the_command_names_the_missing_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its environment the init container ends with 1 and one line."""
    monkeypatch.delenv("MODEL_URI", raising=False)
    assert fetch.main() == 1
    assert capsys.readouterr().err == "The variable MODEL_URI is not set: set it in the init container.\n"


def test_the_reason_is_the_last_line_and_the_termination_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever describes the pod reads the same sentence as whoever reads the log."""
    storage, sha256 = bucket()
    storage.objects[f"{PREFIX}/repository/sentiment/1/model.onnx"] = b"weightz" * 1000
    told = tmp_path / "termination-log"
    told.touch()
    monkeypatch.setattr(fetch, "_client", lambda: storage)
    monkeypatch.setattr(fetch, "_TERMINATION_LOG", told)
    for name, value in (("URI", URI), ("MANIFEST_SHA256", sha256), ("DIR", str(tmp_path / "model"))):
        monkeypatch.setenv(f"MODEL_{name}", value)
    assert fetch.main() == 1
    assert told.read_text() == capsys.readouterr().err
    assert told.read_text().count("\n") == 1
