from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format
from tokenizers import Tokenizer, models
from tritonclient.grpc import model_config_pb2

from model_build.repository import (
    BACKEND_MODEL,
    GPU,
    GPU_FRONT,
    Description,
    EncoderDescription,
    Tensor,
    config_pbtxt,
    encoder_pbtxt,
    write,
)
from model_build.targets import TARGETS


def parsed(text: str) -> Any:
    """The configuration as Triton's own schema reads it; what the schema does not know is an error."""
    return text_format.Parse(text, model_config_pb2.ModelConfig())


def test_the_configuration_follows_the_description() -> None:
    """Every number and tensor of the description is in config.pbtxt."""
    config = parsed(
        config_pbtxt(
            Description(
                max_batch_size=7,
                queue_delay_us=11,
                instances=3,
                warm_up_batches=(5,),
                inputs=(Tensor(name="A", data_type="TYPE_STRING", dims=(1,)),),
                outputs=(Tensor(name="B", data_type="TYPE_FP32", dims=(2, 4)),),
                versions=(19, 23),
            )
        )
    )
    assert (config.max_batch_size, config.dynamic_batching.max_queue_delay_microseconds) == (7, 11)
    assert [(group.kind, group.count) for group in config.instance_group] == [(2, 3)]  # 2: KIND_CPU
    assert [(each.batch_size, list(each.inputs)) for each in config.model_warmup] == [(5, ["A"])]
    assert [(each.name, list(each.dims)) for each in (*config.input, *config.output)] == [("A", [1]), ("B", [2, 4])]
    assert list(config.version_policy.specific.versions) == [19, 23]


@pytest.mark.parametrize("description", [Description(), GPU])
def test_the_default_is_the_contract_of_the_clients(description: Description) -> None:
    """Clients send TEXT and read LOGITS and MODEL_VERSION, in batches, on processor and GPU."""
    config = parsed(config_pbtxt(description))
    assert (config.name, config.backend) == ("sentiment", "python")
    assert [tensor.name for tensor in config.input] == ["TEXT"]
    assert [tensor.name for tensor in config.output] == ["LOGITS", "MODEL_VERSION"]
    assert config.max_batch_size >= 32


def test_the_encoder_runs_on_the_gpu_in_onnx_runtime() -> None:
    """It takes tokens of any length, is warmed up in its smallest and largest batch, and has no queue of its own."""
    config = parsed(encoder_pbtxt(EncoderDescription(most_tokens=48)))
    assert (config.platform, config.backend) == ("onnxruntime_onnx", "onnxruntime")
    assert [(group.kind, group.count) for group in config.instance_group] == [(1, 2)]  # 1: KIND_GPU
    assert [list(tensor.dims) for tensor in config.input] == [[-1], [-1]]
    shapes = [
        (each.batch_size, sorted(list(entry.dims) for entry in each.inputs.values())) for each in config.model_warmup
    ]
    assert shapes == [(1, [[16], [16]]), (GPU.max_batch_size, [[48], [48]])]
    assert config.max_batch_size == GPU.max_batch_size
    assert not config.HasField("dynamic_batching")
    assert not config.HasField("optimization")


def test_tensorrt_compiles_one_plan_for_every_shape() -> None:
    """Its profile spans all batches and lengths: a shape outside would be compiled while a request waits."""
    config = parsed(encoder_pbtxt(EncoderDescription(most_tokens=48, tensorrt=True)))
    (accelerator,) = config.optimization.execution_accelerators.gpu_execution_accelerator
    assert accelerator.name == "tensorrt"
    assert accelerator.parameters["precision_mode"] == "FP16"
    assert accelerator.parameters["trt_profile_min_shapes"] == "input_ids:1x1,attention_mask:1x1"
    assert accelerator.parameters["trt_profile_max_shapes"] == "input_ids:64x48,attention_mask:64x48"


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Any]:
    """Stand-ins for two models, and a tokenizer."""
    for name in ("int8", "half"):
        (tmp_path / f"{name}.onnx").write_bytes(name.encode())
    tokenizer = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    return {"model": tmp_path / "int8.onnx", "tokenizer": tokenizer, "max_tokens": 48}


def laid_out(root: Path) -> list[str]:
    folder = root / "repository"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_layout_is_tritons(tmp_path: Path, inputs: dict[str, Any]) -> None:
    """config.pbtxt lies beside the folder of version 1, which holds backend, weights and tokenizer."""
    write(tmp_path, **inputs, target=TARGETS["cpu"])
    assert laid_out(tmp_path) == [
        "sentiment/1/model.onnx",
        "sentiment/1/model.py",
        "sentiment/1/tokenizer.json",
        "sentiment/config.pbtxt",
    ]
    assert (tmp_path / "repository/sentiment/1/model.py").read_bytes() == BACKEND_MODEL.read_bytes()
    assert not inputs["model"].exists()


@pytest.mark.parametrize("target", ["gpu", "gpu-tensorrt"])
def test_a_gpu_has_the_encoder_behind_a_front(tmp_path: Path, inputs: dict[str, Any], target: str) -> None:
    """The encoder is FP16; INT8 stays where the path without Triton looks for it, on a processor."""
    write(tmp_path, **inputs, half=tmp_path / "half.onnx", target=TARGETS[target])
    assert laid_out(tmp_path) == [
        "sentiment/1/model.onnx",
        "sentiment/1/model.py",
        "sentiment/1/tokenizer.json",
        "sentiment/config.pbtxt",
        "sentiment_encoder/1/model.onnx",
        "sentiment_encoder/config.pbtxt",
    ]
    repository = tmp_path / "repository"
    assert (repository / "sentiment/1/model.py").read_bytes() == GPU_FRONT.read_bytes()
    assert (repository / "sentiment/1/model.onnx").read_bytes() == b"int8"
    assert (repository / "sentiment_encoder/1/model.onnx").read_bytes() == b"half"
    encoder = parsed((repository / "sentiment_encoder/config.pbtxt").read_text())
    assert encoder.HasField("optimization") == (target == "gpu-tensorrt")


@pytest.mark.parametrize("description", [Description(), GPU])
@pytest.mark.parametrize("field", ["max_batch_size", "instances"])
def test_every_number_is_positive(description: Description, field: str) -> None:
    """Triton reads a zero as "no limit", which is never meant."""
    assert getattr(description, field) > 0


@pytest.mark.parametrize("description", [Description(), GPU])
def test_the_batcher_waits_for_nothing(description: Description) -> None:
    """Neither for company, nor for half a second, as Triton may where its queue has a policy."""
    batching = parsed(config_pbtxt(description)).dynamic_batching
    assert batching.max_queue_delay_microseconds == 0
    assert not batching.HasField("default_queue_policy")
    assert not batching.priority_queue_policy
