import json
import shutil
from pathlib import Path

import pytest

from model_build import adapter, checkpoint, data, export, sources, train, verify
from model_build.errors import BuildError
from model_build.manifest import digest
from tests.model_build.checkpoints import write_sentences


def test_the_adapter_in_the_repository_is_the_recorded_one() -> None:
    """Hash, size and figures stand beside it; it is small and good enough."""
    record = adapter.read_record(sources.ADAPTER)
    file = sources.ADAPTER / "adapter.safetensors"
    assert digest(file) == record["adapter"]["sha256"]
    assert file.stat().st_size <= 2_000_000
    assert record["figures"]["held_out"]["all"]["accuracy"] >= 0.80
    assert record["command"] == train.COMMAND


def test_the_builtin_model_knows_good_from_bad() -> None:
    """Merged into the encoder, the adapter tells plain sentences apart."""
    classifier = checkpoint.load(sources.resolve("builtin"))
    texts = ["A wonderful, moving film.", "A dull, awful waste of time.", "I love this!", "It broke after a day."]
    answers = verify.logits(lambda ids, mask: export.reference(classifier, ids, mask), classifier.tokenizer, texts)
    assert answers.argmax(axis=1).tolist() == [1, 0, 1, 0]


def test_an_adapter_that_was_changed_is_refused(tmp_path: Path) -> None:
    """Weights that adapter.json does not describe are not merged."""
    folder = Path(shutil.copytree(sources.ADAPTER, tmp_path / "adapter"))
    (folder / "adapter.safetensors").write_bytes(b"other")
    with pytest.raises(BuildError, match=r"adapter\.safetensors is not the file"):
        adapter.merged(sources.encoder_folder(), folder)


def test_an_adapter_of_another_encoder_is_refused(tmp_path: Path) -> None:
    """What was learnt on other weights would be nonsense on these."""
    folder = Path(shutil.copytree(sources.ADAPTER, tmp_path / "adapter"))
    record = json.loads((folder / "adapter.json").read_text())
    record["encoder"]["sha256"] = "0" * 64
    (folder / "adapter.json").write_text(json.dumps(record))
    with pytest.raises(BuildError, match=r"model\.safetensors is not the file"):
        adapter.merged(sources.encoder_folder(), folder)


def test_a_missing_record_is_one_sentence(tmp_path: Path) -> None:
    """Without adapter.json nothing is merged."""
    with pytest.raises(BuildError, match=r"adapter\.json is missing or damaged"):
        adapter.read_record(tmp_path)


def test_training_learns_and_writes_what_a_build_reads(tmp_path: Path) -> None:
    """A short run tells its sentences apart, records what it did, and its files merge into the encoder."""
    write_sentences(tmp_path)
    archive = tmp_path / "vaderSentiment-3.3.2.tar.gz"
    parameters = train.Hyperparameters(epochs=1, batch_size=16, max_tokens=16)
    said: list[str] = []
    train.run(archive, tmp_path / "adapter", parameters, said.append)
    record = adapter.read_record(tmp_path / "adapter")
    assert record["data"]["sha256"] == digest(archive)
    assert record["data"]["sentences"]["held_out"] == len(data.load(archive).held_out)
    assert record["figures"]["held_out"]["all"]["accuracy"] >= 0.9
    assert record["hyperparameters"]["seed"] == 0
    assert said[0].startswith("held-out accuracy, all: ")
    adapter.merged(sources.encoder_folder(), tmp_path / "adapter")
