import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model_build import build as building
from model_build import manifest
from model_build.build import Result, build
from model_build.errors import BuildError
from tests.model_build.checkpoints import write_sentences

COMMIT = "b" * 40


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with rated sentences, shared so that the model is built once."""
    place = tmp_path_factory.mktemp("place")
    write_sentences(place / "cache" / "downloads")
    return place


def make(source: Path, place: Path, said: list[str] | None = None) -> Result:
    return build(
        str(source),
        output=place / "build" / "model",
        cache=place / "cache",
        progress=(said if said is not None else []).append,
        lock=place / "cache" / "downloads" / "data.lock",
    )


@pytest.fixture(scope="module")
def built(tiny_checkpoint: Path, place: Path) -> Result:
    """The tiny checkpoint as a Triton repository."""
    return make(tiny_checkpoint, place)


def test_a_folder_becomes_a_repository_with_a_manifest(built: Result, place: Path) -> None:
    """Layout, hashes, source, licence and figures are all there, and the link leads to it."""
    found = manifest.parse((place / "build" / "model" / "manifest.json").read_bytes())
    manifest.check(place / "build" / "model", found)
    raw = json.loads((built.folder / "manifest.json").read_text())
    assert (raw["source"], raw["licence"], raw["max_tokens"]) == ("folder:tiny", "apache-2.0", 48)
    assert raw["figures"]["agreement"] >= 0.97
    assert raw["version"] == built.version == manifest.version(found.files)
    assert "folder:tiny" in (built.folder / "MODEL_CARD.md").read_text()


def test_the_model_takes_any_batch_and_length(built: Result) -> None:
    """Batch and sequence length are free, and padding does not change an answer."""
    import numpy as np

    from model_build.verify import session

    answer = session(built.folder / "repository/sentiment/1/model.onnx", 1)
    ids = np.array([[2, 4, 5, 7, 3]], dtype=np.int64)
    alone = answer(ids, np.ones_like(ids))
    wide, mask = np.zeros((4, 40), dtype=np.int64), np.zeros((4, 40), dtype=np.int64)
    wide[:, :5], mask[:, :5] = ids, 1
    together = answer(wide, mask)
    assert together.shape == (4, 2)
    assert np.abs(together - alone).max() < 0.05 * np.abs(alone).max()


def test_the_bytes_name_no_path_of_this_machine(built: Result, place: Path) -> None:
    """Neither the checkout nor the cache shows in what is served."""
    secrets = [str(place).encode(), str(Path(building.__file__).parents[1]).encode(), sys.prefix.encode()]
    for path in built.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret in content], path.name


def test_the_tokenizer_carries_padding_and_truncation(built: Result) -> None:
    """Whoever loads tokenizer.json pads to the longest text and cuts at max_tokens."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(built.folder / "repository/sentiment/1/tokenizer.json"))
    encodings = tokenizer.encode_batch(["a good film", "a " * 500])
    assert [len(encoding.ids) for encoding in encodings] == [48, 48]
    assert sum(encodings[0].attention_mask) == 5


def test_a_second_build_changes_nothing_and_loads_no_torch(built: Result, tiny_checkpoint: Path, place: Path) -> None:
    """The cache answers, in a process that never imports torch."""
    before = (built.folder / "manifest.json").stat().st_mtime_ns
    script = (
        "import sys; from pathlib import Path; from model_build.build import build; p = Path(sys.argv[2]);"
        "r = build(sys.argv[1], output=p / 'build/model', cache=p / 'cache', progress=print,"
        "          lock=p / 'cache/downloads/data.lock');"
        "print(r.built, 'torch' in sys.modules, 'transformers' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tiny_checkpoint), str(place)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(building.__file__).parents[1],
    )
    assert ran.stdout.split() == ["False", "False", "False"]
    assert (built.folder / "manifest.json").stat().st_mtime_ns == before


def test_a_damaged_cache_is_built_again_to_the_same_bytes(built: Result, tiny_checkpoint: Path, place: Path) -> None:
    """A changed file in the cache is found, and the same inputs give the same version."""
    (built.folder / "repository/sentiment/1/model.onnx").write_bytes(b"damaged")
    again = make(tiny_checkpoint, place)
    assert again.built
    assert again.version == built.version


def test_a_hub_checkpoint_takes_the_same_way(tiny_checkpoint: Path, place: Path, tmp_path: Path) -> None:
    """What the hub's snapshot holds is built, under its id and commit."""
    snapshot = Path(shutil.copytree(tiny_checkpoint, tmp_path / COMMIT))
    result = build(
        f"hub:team/sentiment@{COMMIT}",
        output=tmp_path / "model",
        cache=place / "cache",
        progress=lambda text: None,
        lock=place / "cache/downloads/data.lock",
        snapshot=lambda repository, revision: snapshot,
    )
    raw = json.loads((tmp_path / "model" / "manifest.json").read_text())
    assert result.built
    assert raw["source"] == f"hub:team/sentiment@{COMMIT}"


def test_weights_without_a_head_leave_nothing_behind(tiny_checkpoint: Path, place: Path, tmp_path: Path) -> None:
    """A classifier whose head is missing from the weights is refused, and no repository is half written."""
    from safetensors.torch import load_file, save_file

    broken = Path(shutil.copytree(tiny_checkpoint, tmp_path / "headless"))
    weights = load_file(broken / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "classifier" not in name}
    save_file(kept, broken / "model.safetensors", metadata={"format": "pt"})
    before = sorted((place / "cache/models").iterdir()) if (place / "cache/models").exists() else []
    with pytest.raises(BuildError, match="lacks 4 tensors of its classifier"):
        make(broken, place)
    assert [path for path in sorted((place / "cache/models").iterdir()) if path not in before] == []


def test_too_little_disk_is_said_before_the_work(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The space that a build needs is compared with what is free first."""
    write_sentences(tmp_path / "cache" / "downloads")
    usage = shutil.disk_usage(tmp_path)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(BuildError, match="which has 0: free some"):
        make(tiny_checkpoint, tmp_path)
    assert list((tmp_path / "cache" / "models").iterdir()) == []


def test_an_output_that_is_not_ours_is_left_alone(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """A folder where the link should go is not removed."""
    (tmp_path / "build" / "model").mkdir(parents=True)
    with pytest.raises(BuildError, match="is not a link of the model build"):
        make(tiny_checkpoint, tmp_path)


def test_another_source_is_another_fingerprint(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """Any changed input makes a new build; the same inputs do not."""
    from model_build.sources import resolve

    copy = Path(shutil.copytree(tiny_checkpoint, tmp_path / "tiny"))
    lock = write_sentences(tmp_path / "downloads")
    same = [building.fingerprint(resolve(str(folder)), lock) for folder in (tiny_checkpoint, copy)]
    (copy / "tokenizer.json").write_text((copy / "tokenizer.json").read_text() + "\n")
    assert same[0] == same[1] != building.fingerprint(resolve(str(copy)), lock)
