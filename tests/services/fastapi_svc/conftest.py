"""A model of the repository's layout, small enough to be made for each test."""

import hashlib
import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

WORDS = ["[PAD]", "[UNK]", "good", "bad", "ward"]
GOOD, BAD = WORDS.index("good"), WORDS.index("bad")


def onnx_model(*, labels: int = 2) -> bytes:
    """Logits = how often each label's word occurs among the attended tokens: column 0 "bad", column 1 "good"."""
    nodes = []
    for column, word in enumerate([BAD, GOOD, GOOD][:labels]):
        nodes += [
            helper.make_node("Constant", [], [f"word{column}"], value_ints=[word]),
            helper.make_node("Equal", ["input_ids", f"word{column}"], [f"is{column}"]),
            helper.make_node("Cast", [f"is{column}"], [f"hit{column}"], to=TensorProto.INT64),
            helper.make_node("Mul", [f"hit{column}", "attention_mask"], [f"seen{column}"]),
            helper.make_node("Constant", [], [f"axis{column}"], value_ints=[1]),
            helper.make_node("ReduceSum", [f"seen{column}", f"axis{column}"], [f"count{column}"], keepdims=1),
        ]
    nodes += [
        helper.make_node("Concat", [f"count{column}" for column in range(labels)], ["counts"], axis=1),
        helper.make_node("Cast", ["counts"], ["logits"], to=TensorProto.FLOAT),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", labels])]
    graph = helper.make_graph(nodes, "counts", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def tokenizer() -> str:
    """A tokenizer of single words."""
    made = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B", special_tokens=[])
    return made.to_str()


def write_model(root: Path, *, model: bytes | None = None, max_tokens: int = 8) -> Path:
    """Write manifest, model and tokenizer below `root`; returns the model's folder."""
    model_dir = root / "repository" / "sentiment" / "1"
    model_dir.mkdir(parents=True)
    contents = {"model.onnx": model or onnx_model(), "tokenizer.json": tokenizer().encode()}
    for name, content in contents.items():
        (model_dir / name).write_bytes(content)
    (root / "manifest.json").write_text(
        json.dumps(
            {
                "name": "sentiment",
                "version": "0123456789ab",
                "labels": ["NEGATIVE", "POSITIVE"],
                "max_tokens": max_tokens,
                "files": {
                    f"repository/sentiment/1/{name}": {
                        "sha256": hashlib.sha256(content).hexdigest(),
                        "size": len(content),
                    }
                    for name, content in contents.items()
                },
            }
        )
    )
    return model_dir


@pytest.fixture
def model_dir(tmp_path: Path) -> Path:
    """The folder of a good model."""
    return write_model(tmp_path)
