import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from model_build import build as building
from model_build import manifest
from model_build.build import Result, build
from model_build.errors import BuildError
from model_build.targets import TARGETS
from tests.model_build.checkpoints import write_sentences

COMMIT = "b" * 40
CPU = TARGETS["cpu"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with rated sentences, shared so that the model is built once."""
    place = tmp_path_factory.mktemp("place")
    write_sentences(place / "cache" / "downloads")
    return place


def make(source: Path, place: Path, **options: Any) -> Result:
    return build(
        str(source),
        output=place / "build" / options.pop("output", "model"),
        cache=place / "cache",
        progress=options.pop("said", []).append,
        lock=place / "cache" / "downloads" / "data.lock",
        **options,
    )


@pytest.fixture(scope="module")
def built(tiny_checkpoint: Path, place: Path) -> Result:
    """The tiny checkpoint as a Triton repository."""
    return make(tiny_checkpoint, place)


def test_a_folder_becomes_a_repository_with_a_manifest(built: Result, tiny_checkpoint: Path, place: Path) -> None:
    """Layout, hashes, source, licence and figures are all there, and the link leads to it."""
    found = manifest.parse((place / "build" / "model" / "manifest.json").read_bytes())
    manifest.check(place / "build" / "model", found)
    raw = json.loads((built.folder / "manifest.json").read_text())
    assert (raw["source"], raw["licence"], raw["max_tokens"]) == ("folder:tiny", "apache-2.0", 48)
    assert raw["figures"]["models"]["INT8"]["agreement"] >= 0.97
    assert raw["figures"]["models"]["FP32"]["agreement"] >= 0.999
    assert raw["version"] == built.version == manifest.version(found.files)
    assert raw["versions"] == {"1": {"version": built.version, "source": "folder:tiny"}}
    assert raw["checkpoint"]["model.safetensors"] == manifest.digest(tiny_checkpoint / "model.safetensors")
    assert (raw["target"], raw["precision"]["sentiment"].split(":")[0]) == ("cpu", "INT8")
    assert "the same bytes" in raw["reproducible"]


def test_the_card_says_where_it_comes_from_and_how_right_it_is(built: Result) -> None:
    """Source, licence, data, limits, figures with intervals, parity and hashes, all from the manifest."""
    raw = json.loads((built.folder / "manifest.json").read_text())
    card = (built.folder / "MODEL_CARD.md").read_text()
    figure = raw["figures"]["models"]["INT8"]["accuracy"]["films"]
    expected = [
        "`folder:tiny`",
        "Licence: apache-2.0",
        "weights of 7 bits",
        "## Data",
        "must not inform decisions about people",
        f"{figure['accuracy']:.3f} ({figure['low']:.3f}–{figure['high']:.3f})",  # noqa: RUF001 - a range
        f"| INT8 | {raw['figures']['models']['INT8']['agreement']:.1%} |",
        raw["checkpoint"]["model.safetensors"],
        *(file["sha256"] for file in raw["files"].values()),
    ]
    assert [text for text in expected if text not in card] == []


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


def test_bytecode_that_a_server_left_is_no_damage(built: Result, tiny_checkpoint: Path, place: Path) -> None:
    """Triton run from the cache compiles model.py beside it: that is removed, and nothing is built again."""
    left = built.folder / "repository/sentiment/1/__pycache__"
    left.mkdir()
    (left / "model.cpython-311.pyc").write_bytes(b"bytecode")
    assert not make(tiny_checkpoint, place).built
    assert not left.exists()


def test_a_gpu_gets_both_precisions(tiny_checkpoint: Path, place: Path) -> None:
    """FP16 behind its front, INT8 for what runs without a GPU; both were compared with the checkpoint."""
    result = make(tiny_checkpoint, place, target=TARGETS["gpu"], output="gpu")
    raw = json.loads((result.folder / "manifest.json").read_text())
    assert list(raw["figures"]["models"]) == ["FP32", "INT8", "FP16"]
    assert raw["figures"]["models"]["FP16"]["agreement"] >= 0.995
    assert raw["precision"]["sentiment_encoder"] == "FP16"
    assert {path.split("/")[1] for path in raw["files"]} == {"sentiment", "sentiment_encoder"}


def test_two_builds_are_served_side_by_side(built: Result, tiny_checkpoint: Path, place: Path, tmp_path: Path) -> None:
    """The one before is version 1, the new one 2, each under its own name and with its own files."""
    from safetensors.torch import load_file, save_file

    changed = Path(shutil.copytree(tiny_checkpoint, tmp_path / "changed"))
    weights = load_file(changed / "model.safetensors")
    weights["classifier.weight"] *= 1.5
    save_file(weights, changed / "model.safetensors", metadata={"format": "pt"})
    (built.folder / "repository/sentiment/1/__pycache__").mkdir()  # as a server leaves it
    alone = make(changed, place, output="alone")
    both = make(changed, place, output="both", beside=place / "build" / "model")
    raw = json.loads((both.folder / "manifest.json").read_text())
    assert raw["versions"] == {
        "1": {"version": built.version, "source": "folder:tiny"},
        "2": {"version": alone.version, "source": "folder:changed"},
    }
    assert raw["version"] == both.version not in (built.version, alone.version)
    for number, one in (("1", built), ("2", alone)):
        folder = both.folder / "repository/sentiment" / number
        for file in ("model.onnx", "model.py", "tokenizer.json"):
            assert (folder / file).read_bytes() == (one.folder / "repository/sentiment/1" / file).read_bytes()
    manifest.check(both.folder, manifest.parse((both.folder / "manifest.json").read_bytes()))
    config = (both.folder / "repository/sentiment/config.pbtxt").read_text()
    policy = text_format.Parse(config, model_config_pb2.ModelConfig()).version_policy
    assert list(policy.specific.versions) == [1, 2]
    assert built.version in (both.folder / "MODEL_CARD.md").read_text()


def test_builds_that_differ_in_their_target_are_not_put_side_by_side(
    built: Result, tiny_checkpoint: Path, place: Path
) -> None:
    """One config.pbtxt could not say both, and nothing is left behind."""
    before = sorted((place / "cache/models").iterdir())
    with pytest.raises(BuildError, match="has another target: build both for the same"):
        make(tiny_checkpoint, place, target=TARGETS["gpu"], beside=place / "build" / "model", output="mixed")
    assert sorted((place / "cache/models").iterdir()) == before


def test_there_must_be_a_build_to_stand_beside(tiny_checkpoint: Path, place: Path, tmp_path: Path) -> None:
    """A folder without a manifest is named."""
    with pytest.raises(BuildError, match="holds no built model"):
        make(tiny_checkpoint, place, beside=tmp_path)


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
    assert_nothing_left(broken, place, "lacks 4 tensors of its classifier")


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_a_damaged_file_leaves_nothing_behind(tiny_checkpoint: Path, place: Path, tmp_path: Path, file: str) -> None:
    """Weights or a tokenizer that cannot be read are one sentence, not a traceback."""
    broken = Path(shutil.copytree(tiny_checkpoint, tmp_path / "damaged"))
    (broken / file).write_bytes((broken / file).read_bytes()[:100])
    said = {"model.safetensors": "cannot be loaded as a classifier", "tokenizer.json": "unreadable tokenizer"}
    assert_nothing_left(broken, place, said[file])


def test_a_model_that_misses_a_bound_leaves_nothing_behind(
    tiny_checkpoint: Path, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was measured and found wanting is not written, and the sentence says by how much."""
    from model_build import pipeline
    from model_build.verify import Bounds

    monkeypatch.setattr(pipeline, "INT8", Bounds(agreement=0, difference=-1, accuracy_drop=1))
    other = Path(shutil.copytree(tiny_checkpoint, tmp_path / "other"))
    assert_nothing_left(other, place, r"INT8 model's mean difference of logits is .* over the bound")


def test_a_disk_that_fills_up_leaves_nothing_behind(
    tiny_checkpoint: Path, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Others may fill the disk while the build writes."""
    from model_build import precision

    def full(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(precision, "quantise", full)
    other = Path(shutil.copytree(tiny_checkpoint, tmp_path / "full"))
    assert_nothing_left(other, place, "has no room left: free some, and build again")


def test_sentences_with_a_wrong_hash_stop_the_build_first(tiny_checkpoint: Path, place: Path, tmp_path: Path) -> None:
    """Data that is not the pinned data verifies nothing."""
    lock = write_sentences(tmp_path / "cache" / "downloads")
    (lock.parent / "vaderSentiment-3.3.2.tar.gz").write_bytes(b"other")
    with pytest.raises(BuildError, match=r"has the sha256 .*, not .* as data\.lock says"):
        make(tiny_checkpoint, tmp_path)
    assert not (tmp_path / "cache" / "models").exists()


def assert_nothing_left(source: Path, place: Path, message: str) -> None:
    """The build of `source` fails with `message` and writes neither into the cache nor the link."""
    (place / "cache/models").mkdir(parents=True, exist_ok=True)
    before = sorted((place / "cache/models").iterdir())
    with pytest.raises(BuildError, match=message):
        make(source, place, output="none")
    assert sorted((place / "cache/models").iterdir()) == before
    assert not (place / "build" / "none").exists()


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


def test_another_input_is_another_fingerprint(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """Any changed input or target makes a new build; the same inputs do not."""
    from model_build.sources import resolve

    copy = Path(shutil.copytree(tiny_checkpoint, tmp_path / "tiny"))
    lock = write_sentences(tmp_path / "downloads")
    same = [building.fingerprint(resolve(str(folder)), lock, CPU) for folder in (tiny_checkpoint, copy)]
    other = [building.fingerprint(resolve(str(copy)), lock, TARGETS[name]) for name in ("cpu-vnni", "gpu")]
    (copy / "tokenizer.json").write_text((copy / "tokenizer.json").read_text() + "\n")
    other.append(building.fingerprint(resolve(str(copy)), lock, CPU))
    assert same[0] == same[1]
    assert len({same[0], *other}) == 4
