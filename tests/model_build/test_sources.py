import errno
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from model_build import sources
from model_build.errors import BuildError

COMMIT = "a" * 40


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint to break."""
    return Path(shutil.copytree(tiny_checkpoint, tmp_path / "broken"))


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_builtin_source_needs_no_network() -> None:
    """The encoder comes from an installed package, the adapter from this repository."""
    checkpoint = sources.resolve("builtin")
    assert (checkpoint.folder / "model.safetensors").exists()
    assert checkpoint.adapter == sources.ADAPTER
    assert "Apache-2.0" in checkpoint.licence


def test_a_folder_is_recorded_by_its_name(tiny_checkpoint: Path) -> None:
    """The manifest tells of a folder no path of this machine; the licence comes from the model card."""
    checkpoint = sources.resolve(str(tiny_checkpoint))
    assert (checkpoint.source, checkpoint.licence) == ("folder:tiny", "apache-2.0")


def test_a_hub_source_is_fetched_at_its_revision(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """Id and revision reach the hub, and the commit that it answered with is recorded."""
    snapshot = Path(shutil.copytree(tiny_checkpoint, tmp_path / "snapshots" / COMMIT))
    asked: list[tuple[str, str]] = []

    def fetch(repository: str, revision: str) -> Path:
        asked.append((repository, revision))
        return snapshot

    checkpoint = sources.resolve("hub:team/sentiment@main", snapshot=fetch)
    assert asked == [("team/sentiment", "main")]
    assert checkpoint.source == f"hub:team/sentiment@{COMMIT}"


@pytest.mark.parametrize("source", ["hub:team/sentiment", "hub:team/sentiment@", "hub:@main", "hub:a/b/c@main"])
def test_a_hub_source_without_a_revision_is_refused(source: str) -> None:
    """What a name alone stands for may change."""
    with pytest.raises(BuildError, match="names no revision"):
        sources.resolve(source, snapshot=lambda repository, revision: Path())


def test_no_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An unreachable hub names the way without it."""
    huggingface_hub = pytest.importorskip("huggingface_hub")
    errors = pytest.importorskip("huggingface_hub.errors")

    def unreachable(*arguments: object, **options: object) -> str:
        raise errors.LocalEntryNotFoundError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(BuildError, match="cannot be reached for team/sentiment"):
        sources.resolve("hub:team/sentiment@main")


@pytest.mark.parametrize("status", [401, 404])
def test_what_the_hub_does_not_give_is_one_sentence(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    """An id or revision that does not exist, or that this caller may not read, is told from a missing network."""
    from huggingface_hub.errors import HfHubHTTPError

    def refused(*arguments: object, **options: object) -> str:
        response: Any = SimpleNamespace(headers={}, status_code=status, request=None)
        raise HfHubHTTPError(str(status), response=response)

    monkeypatch.setattr("huggingface_hub.snapshot_download", refused)
    with pytest.raises(BuildError, match="The hub has no team/sentiment@main that you may read"):
        sources.resolve("hub:team/sentiment@main")


def test_a_connection_that_breaks_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hub's HTTP library raises in the middle of a file is no traceback."""

    def broken(*arguments: object, **options: object) -> str:
        raise RuntimeError("connection reset")

    monkeypatch.setattr("huggingface_hub.snapshot_download", broken)
    with pytest.raises(BuildError, match="cannot be reached for team/sentiment"):
        sources.resolve("hub:team/sentiment@main")


def test_a_disk_that_fills_up_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is not taken for a broken network."""

    def full(*arguments: object, **options: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.snapshot_download", full)
    with pytest.raises(BuildError, match="disk has no room for team/sentiment"):
        sources.resolve("hub:team/sentiment@main")


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A misspelt source is answered with what a source may be."""
    with pytest.raises(BuildError, match=r"is not builtin, hub:<id>@<revision> or a folder"):
        sources.resolve(str(tmp_path / "nothing"))


def test_a_model_without_a_head_is_refused(folder: Path) -> None:
    """An encoder alone classifies nothing."""
    change_config(folder, architectures=["DistilBertModel"])
    with pytest.raises(BuildError, match="is not a classifier"):
        sources.resolve(str(folder))


@pytest.mark.parametrize("labels", [["NEGATIVE", "NEUTRAL", "POSITIVE"], ["joy", "anger"], ["POSITIVE"]])
def test_other_labels_are_refused(folder: Path, labels: list[str]) -> None:
    """Three labels and other labels would be served under wrong names."""
    change_config(folder, id2label=dict(enumerate(labels)))
    with pytest.raises(
        BuildError, match=f"has the labels {', '.join(labels).upper()}: give one with NEGATIVE and POSITIVE"
    ):
        sources.resolve(str(folder))


@pytest.mark.parametrize(
    ("labels", "order", "named"),
    [
        (["negative", "positive"], (0, 1), True),
        (["Positive", "Negative"], (1, 0), True),
        (["LABEL_0", "LABEL_1"], (0, 1), False),
        (None, (0, 1), False),
    ],
)
def test_the_labels_may_be_in_either_order(
    folder: Path, labels: list[str] | None, order: tuple[int, int], named: bool
) -> None:
    """Their names decide, and where there are none, the order that is usual."""
    change_config(folder, id2label=labels and dict(enumerate(labels)))
    checkpoint = sources.resolve(str(folder))
    assert (checkpoint.order, checkpoint.named) == (order, named)


def test_pickled_weights_are_refused(folder: Path) -> None:
    """A pickle can run code when it is loaded: it is never loaded."""
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(BuildError, match="has no safetensors weights"):
        sources.resolve(str(folder))


def test_code_in_a_checkpoint_is_refused(folder: Path) -> None:
    """A checkpoint that brings its own model code is refused before anything is loaded."""
    change_config(folder, auto_map={"AutoModelForSequenceClassification": "model.Model"})
    with pytest.raises(BuildError, match="needs code of its own"):
        sources.resolve(str(folder))


@pytest.mark.parametrize(
    ("file", "message"), [("tokenizer.json", "lacks a tokenizer"), ("config.json", "no readable config")]
)
def test_a_missing_file_is_named(folder: Path, file: str, message: str) -> None:
    """What is missing is said in one sentence."""
    (folder / file).unlink()
    with pytest.raises(BuildError, match=message):
        sources.resolve(str(folder))


@pytest.mark.parametrize("content", ["[]", "{", '{"id2label": ["NEGATIVE", "POSITIVE"]}', '{"id2label": {"a": "b"}}'])
def test_a_config_that_transformers_did_not_write_is_refused(folder: Path, content: str) -> None:
    """Whatever is in config.json, it is one sentence."""
    (folder / "config.json").write_text(content)
    with pytest.raises(BuildError, match="no readable config"):
        sources.resolve(str(folder))
