"""The Triton model repository: its layout, and config.pbtxt rendered from one description."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

NAME = "sentiment"
BACKEND_MODEL = (
    Path(__file__).resolve().parent.parent / "services" / "triton" / "model_repository" / NAME / "1" / "model.py"
)


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An input or output; `dims` without the batch dimension."""

    name: str
    data_type: str
    dims: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Description:
    """What Triton is told of the model, each number with its reason."""

    name: str = NAME
    inputs: tuple[Tensor, ...] = (Tensor(name="TEXT", data_type="TYPE_STRING", dims=(1,)),)
    outputs: tuple[Tensor, ...] = (
        Tensor(name="LOGITS", data_type="TYPE_FP32", dims=(2,)),
        Tensor(name="MODEL_VERSION", data_type="TYPE_STRING", dims=(1,)),
    )
    max_batch_size: int = 32
    """As many texts as one request may hold; larger batches no longer raise the throughput of a CPU core."""
    queue_delay_us: int = 2_000
    """How long a request may wait for company: well under the time of one inference of a batch."""
    queue_size: int = 256
    """Eight full batches: what waits longer is refused at once rather than served too late."""
    queue_timeout_us: int = 5_000_000
    """Rejected after this long in the queue, or the shorter time that a request names: by then the caller has given up."""
    instances: int = 1
    """One process a pod: threads within it and pods beside it scale, copies of the model do not."""
    warm_up_batches: tuple[int, ...] = (1, 32)
    """Empty texts in the smallest and the largest batch, before the model is called ready."""


def config_pbtxt(description: Description) -> str:
    """config.pbtxt, in Triton's text format."""
    inputs, outputs = _tensors(description.inputs), _tensors(description.outputs)
    warm_ups = ",\n".join(_warm_up(description, batch) for batch in description.warm_up_batches)
    return f"""\
name: "{description.name}"
backend: "python"
max_batch_size: {description.max_batch_size}
input [
{inputs}
]
output [
{outputs}
]
dynamic_batching {{
  max_queue_delay_microseconds: {description.queue_delay_us}
  default_queue_policy {{
    timeout_action: REJECT
    default_timeout_microseconds: {description.queue_timeout_us}
    allow_timeout_override: true
    max_queue_size: {description.queue_size}
  }}
}}
instance_group [ {{ kind: KIND_CPU, count: {description.instances} }} ]
model_warmup [
{warm_ups}
]
"""


def write(root: Path, *, model: Path, tokenizer: Tokenizer, description: Description | None = None) -> None:
    """Lay out `root`/repository from the ONNX file `model` (moved there) and the tokenizer."""
    description = description or Description()
    folder = root / "repository" / description.name
    version = folder / "1"
    version.mkdir(parents=True)
    (folder / "config.pbtxt").write_text(config_pbtxt(description))
    shutil.copyfile(BACKEND_MODEL, version / "model.py")
    tokenizer.save(str(version / "tokenizer.json"), pretty=False)
    model.replace(version / "model.onnx")


def _tensors(tensors: Sequence[Tensor]) -> str:
    return ",\n".join(
        f'  {{ name: "{tensor.name}", data_type: {tensor.data_type}, dims: {list(tensor.dims)} }}' for tensor in tensors
    )


def _warm_up(description: Description, batch: int) -> str:
    inputs = "\n".join(
        f'    inputs {{ key: "{tensor.name}", value: '
        f"{{ data_type: {tensor.data_type}, dims: {list(tensor.dims)}, zero_data: true }} }}"
        for tensor in description.inputs
    )
    return f'  {{\n    name: "batch of {batch}"\n    batch_size: {batch}\n{inputs}\n  }}'
