"""The Triton model repository: its layout, and each config.pbtxt made from one description."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from google.protobuf import text_format
from tokenizers import Tokenizer
from tritonclient.grpc import model_config_pb2

from model_build.targets import Target

NAME = "sentiment"
ENCODER = "sentiment_encoder"
"""On a GPU: the model behind the tokenizer, which ONNX Runtime's own backend runs."""

_TRITON = Path(__file__).resolve().parent.parent / "services" / "triton"
BACKEND_MODEL = _TRITON / "model_repository" / NAME / "1" / "model.py"
GPU_FRONT = _TRITON / "gpu_front" / "model.py"


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An input or output; `dims` without the batch dimension."""

    name: str
    data_type: str
    dims: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Description:
    """What Triton is told of the model, each number with its reason.

    There is no `default_queue_policy`: with any of its time-outs or bounds set, Triton lets a request that comes while the
    instance hands its last answer over wait for half a second, until the batcher wakes by itself; of one client's requests
    up to one in twenty met that. The queue is bounded by who may ask: the gateway sheds what could not be served in time, and a
    call whose deadline has passed is cancelled and leaves the queue.
    """

    name: str = NAME
    inputs: tuple[Tensor, ...] = (Tensor(name="TEXT", data_type="TYPE_STRING", dims=(1,)),)
    outputs: tuple[Tensor, ...] = (
        Tensor(name="LOGITS", data_type="TYPE_FP32", dims=(2,)),
        Tensor(name="MODEL_VERSION", data_type="TYPE_STRING", dims=(1,)),
    )
    max_batch_size: int = 32
    """As many texts as one request may hold; larger batches no longer raise the throughput of a CPU core."""
    queue_delay_us: int = 0
    """None: while a batch runs the next one forms, and a request that finds the model idle need not wait for company."""
    instances: int = 1
    """One process a pod: threads within it and pods beside it scale, copies of the model do not."""
    warm_up_batches: tuple[int, ...] = (1, 32)
    """Empty texts in the smallest and the largest batch, before the model is called ready."""
    versions: tuple[int, ...] = (1,)
    """Served side by side; a caller that names none gets the highest. What is not named here is never loaded."""


@dataclass(frozen=True, kw_only=True)
class EncoderDescription:
    """What Triton is told of the model behind the tokenizer on a GPU.

    It has no queue of its own: the front has made the batch, and a second wait would only add to the first.
    """

    name: str = ENCODER
    inputs: tuple[Tensor, ...] = (
        Tensor(name="input_ids", data_type="TYPE_INT64", dims=(-1,)),
        Tensor(name="attention_mask", data_type="TYPE_INT64", dims=(-1,)),
    )
    outputs: tuple[Tensor, ...] = (Tensor(name="logits", data_type="TYPE_FP32", dims=(2,)),)
    max_batch_size: int = 64
    """That of the front."""
    instances: int = 2
    """A GPU: one copies its batch while the other computes."""
    most_tokens: int = 256
    """Where the tokenizer cuts."""
    workspace_bytes: int = 2**30
    """What TensorRT may use while it computes; its own default."""
    tensorrt: bool = False
    """Compiled for the GPU at hand when Triton starts, which takes minutes: off unless the target asks for it."""
    versions: tuple[int, ...] = (1,)

    @property
    def warm_up(self) -> tuple[tuple[int, int], ...]:
        """Texts and tokens: the smallest and the largest batch, so that memory is there before the first request."""
        return (1, min(16, self.most_tokens)), (self.max_batch_size, self.most_tokens)


GPU = Description(max_batch_size=64, instances=2, warm_up_batches=())
"""The front on a GPU: two full requests a batch, because a GPU gains longer from width than a processor; two processes, so
that one tokenises while the other waits for the GPU; and no warm-up but the encoder's own, because Triton may load the front
first."""


def write(
    root: Path, *, model: Path, tokenizer: Tokenizer, target: Target, max_tokens: int, half: Path | None = None
) -> None:
    """Lay out `root`/repository from the ONNX files `model` (INT8) and `half` (FP16), which are moved, and the tokenizer.

    For a GPU both are there: what runs without one, as fastapi-svc does, takes INT8.
    """
    files = root / "repository" / NAME / "1"
    files.mkdir(parents=True)
    shutil.copyfile(GPU_FRONT if target.gpu else BACKEND_MODEL, files / "model.py")
    tokenizer.save(str(files / "tokenizer.json"), pretty=False)
    model.replace(files / "model.onnx")
    if half is not None:
        encoder = root / "repository" / ENCODER / "1"
        encoder.mkdir(parents=True)
        half.replace(encoder / "model.onnx")
    configure(root, target=target, max_tokens=max_tokens, versions=(1,))


def configure(root: Path, *, target: Target, max_tokens: int, versions: tuple[int, ...]) -> None:
    """Write the config.pbtxt of each model in `root`/repository."""
    front = replace(GPU if target.gpu else Description(), versions=versions)
    _write(root, front.name, config_pbtxt(front))
    if target.gpu:
        encoder = EncoderDescription(most_tokens=max_tokens, tensorrt=target.tensorrt, versions=versions)
        _write(root, encoder.name, encoder_pbtxt(encoder))


def config_pbtxt(description: Description) -> str:
    """config.pbtxt of the model that takes texts, in Triton's text format."""
    config = _config(description, kind=model_config_pb2.ModelInstanceGroup.KIND_CPU)
    config.backend = "python"
    config.dynamic_batching.max_queue_delay_microseconds = description.queue_delay_us
    for batch in description.warm_up_batches:
        _warm_up(config, description.inputs, batch)
    return str(text_format.MessageToString(config))


def encoder_pbtxt(description: EncoderDescription) -> str:
    """config.pbtxt of the model that takes tokens, in Triton's text format."""
    config = _config(description, kind=model_config_pb2.ModelInstanceGroup.KIND_GPU)
    config.backend, config.platform = "onnxruntime", "onnxruntime_onnx"
    if description.tensorrt:
        accelerator = config.optimization.execution_accelerators.gpu_execution_accelerator.add(name="tensorrt")
        for name, value in _tensorrt(description).items():
            accelerator.parameters[name] = value
    for batch, tokens in description.warm_up:
        _warm_up(config, description.inputs, batch, tokens)
    return str(text_format.MessageToString(config))


def _config(description: Description | EncoderDescription, *, kind: int) -> model_config_pb2.ModelConfig:
    config = model_config_pb2.ModelConfig(name=description.name, max_batch_size=description.max_batch_size)
    for tensor in description.inputs:
        config.input.add(name=tensor.name, data_type=_data_type(tensor), dims=tensor.dims)
    for tensor in description.outputs:
        config.output.add(name=tensor.name, data_type=_data_type(tensor), dims=tensor.dims)
    config.instance_group.add(kind=kind, count=description.instances)
    config.version_policy.specific.versions.extend(description.versions)
    return config


def _tensorrt(description: EncoderDescription) -> dict[str, str]:
    """One compiled plan for every shape that the front sends, tuned for short texts: else each new shape compiles anew."""
    shapes = {"min": (1, 1), "opt": (32, 32), "max": (description.max_batch_size, description.most_tokens)}
    profiles = {
        f"trt_profile_{name}_shapes": ",".join(f"{tensor.name}:{batch}x{tokens}" for tensor in description.inputs)
        for name, (batch, tokens) in shapes.items()
    }
    return {"precision_mode": "FP16", "max_workspace_size_bytes": str(description.workspace_bytes), **profiles}


def _warm_up(
    config: model_config_pb2.ModelConfig, inputs: Sequence[Tensor], batch: int, tokens: int | None = None
) -> None:
    shape = "" if tokens is None else f" of {tokens} tokens"
    warm_up = config.model_warmup.add(name=f"batch of {batch}{shape}", batch_size=batch)
    for tensor in inputs:
        entry = warm_up.inputs[tensor.name]
        entry.data_type, entry.zero_data = _data_type(tensor), True
        entry.dims.extend(tensor.dims if tokens is None else (tokens,))


def _data_type(tensor: Tensor) -> int:
    return int(model_config_pb2.DataType.Value(tensor.data_type))


def _write(root: Path, model: str, config: str) -> None:
    (root / "repository" / model / "config.pbtxt").write_text(config)
