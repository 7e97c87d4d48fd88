"""The built-in model: MiniLM-L6 with a classification head, and the adapter (LoRA) that taught it sentiment."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, PreTrainedModel
from transformers.utils import logging as transformers_logging

from model_build.errors import BuildError
from model_build.manifest import digest

LABELS = ("NEGATIVE", "POSITIVE")
RANK, ALPHA = 16, 32
_TARGETS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]
_HEAD = ["pooler", "classifier"]
_LARGEST = 2_000_000


def base(encoder: Path) -> PreTrainedModel:
    """The encoder in `encoder` with a head that knows nothing yet; the same bytes each time under the same torch seed.

    Sentence embeddings average tokens: the checkpoint's own pooler has decayed to nothing, so it starts as an identity.
    Dropout is off: a few passes over low-rank weights do not over-fit, and a pass takes half the time.
    """
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    model: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
        encoder,
        num_labels=len(LABELS),
        id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        local_files_only=True,
        trust_remote_code=False,
    )
    torch.nn.init.eye_(model.get_parameter("bert.pooler.dense.weight"))
    torch.nn.init.zeros_(model.get_parameter("bert.pooler.dense.bias"))
    return model


def attach(model: PreTrainedModel) -> PeftModel:
    """`model` with an untrained adapter in front of each linear layer; only adapter and head learn."""
    config = LoraConfig(
        r=RANK,
        lora_alpha=ALPHA,
        lora_dropout=0.0,
        target_modules=_TARGETS,
        modules_to_save=_HEAD,
        bias="none",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers under a name that is going away
        adapted: PeftModel = get_peft_model(model, config)
    return adapted


def save(model: PeftModel, path: Path) -> None:
    """Write what was learnt, in half precision; raises BuildError where it grew past what belongs into a repository."""
    state = get_peft_model_state_dict(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.detach().to(torch.float16).contiguous() for name, value in state.items()}, path)
    path.chmod(0o644)
    if path.stat().st_size > _LARGEST:
        raise BuildError(f"The adapter has {path.stat().st_size} bytes, over {_LARGEST}: train with a lower rank.")


def merged(encoder: Path, adapter: Path) -> PreTrainedModel:
    """The encoder with the adapter in the folder `adapter` merged into its weights, ready for inference.

    Raises BuildError where the adapter is not the one that adapter.json describes, or was trained on another encoder.
    """
    record = read_record(adapter)
    _expect(adapter / "adapter.safetensors", record["adapter"]["sha256"], "restore model_build/adapter from git")
    _expect(encoder / "model.safetensors", record["encoder"]["sha256"], "install the locked requirements")
    model = attach(base(encoder))
    weights = {name: value.float() for name, value in load_file(adapter / "adapter.safetensors").items()}
    loaded: Any = set_peft_model_state_dict(model, weights)
    if loaded.unexpected_keys:
        raise BuildError("The adapter does not fit the model's layers: run `make train`.")
    result: PreTrainedModel = model.merge_and_unload()
    result.train(False)
    return result


def read_record(adapter: Path) -> Mapping[str, Any]:
    """What adapter.json says: hashes of adapter and encoder, data, hyperparameters and figures."""
    try:
        record: Mapping[str, Any] = json.loads((adapter / "adapter.json").read_bytes())
    except (OSError, ValueError) as error:
        raise BuildError("adapter.json is missing or damaged: restore model_build/adapter from git.") from error
    return record


def _expect(path: Path, expected: str, remedy: str) -> None:
    if not path.exists() or digest(path) != expected:
        raise BuildError(f"{path.name} is not the file that adapter.json describes: {remedy}.")
