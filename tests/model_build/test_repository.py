import re
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models

from model_build.repository import BACKEND_MODEL, Description, Tensor, config_pbtxt, write


def test_the_configuration_follows_the_description() -> None:
    """Every number and tensor of the description is in config.pbtxt."""
    text = config_pbtxt(
        Description(
            max_batch_size=7,
            queue_delay_us=11,
            queue_size=13,
            queue_timeout_us=17,
            instances=3,
            warm_up_batches=(5,),
            inputs=(Tensor(name="A", data_type="TYPE_STRING", dims=(1,)),),
            outputs=(Tensor(name="B", data_type="TYPE_FP32", dims=(2, 4)),),
        )
    )
    for expected in (
        "max_batch_size: 7",
        "max_queue_delay_microseconds: 11",
        "max_queue_size: 13",
        "default_timeout_microseconds: 17",
        "allow_timeout_override: true",
        "count: 3",
        "batch_size: 5",
        "timeout_action: REJECT",
        'name: "A", data_type: TYPE_STRING, dims: [1]',
        'name: "B", data_type: TYPE_FP32, dims: [2, 4]',
    ):
        assert expected in text
    assert text.count("{") == text.count("}")
    assert text.count("[") == text.count("]")


def test_the_default_is_the_contract_of_the_clients() -> None:
    """Clients send TEXT and read LOGITS and MODEL_VERSION, in batches."""
    text = config_pbtxt(Description())
    assert re.findall(r'name: "([A-Z_]+)"', text) == ["TEXT", "LOGITS", "MODEL_VERSION"]
    assert 'name: "sentiment"' in text
    assert "dynamic_batching" in text


def test_the_layout_is_tritons(tmp_path: Path) -> None:
    """config.pbtxt lies beside the folder of version 1, which holds backend, weights and tokenizer."""
    model = tmp_path / "quantised.onnx"
    model.write_bytes(b"weights")
    write(tmp_path, model=model, tokenizer=Tokenizer(models.WordLevel({"a": 0}, unk_token="a")))
    folder = tmp_path / "repository" / "sentiment"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "1/model.onnx",
        "1/model.py",
        "1/tokenizer.json",
        "config.pbtxt",
    ]
    assert (folder / "1" / "model.py").read_bytes() == BACKEND_MODEL.read_bytes()
    assert not model.exists()


@pytest.mark.parametrize("field", ["max_batch_size", "queue_delay_us", "queue_size", "queue_timeout_us", "instances"])
def test_every_number_is_positive(field: str) -> None:
    """Triton reads a zero as "no limit", which is never meant."""
    assert getattr(Description(), field) > 0
