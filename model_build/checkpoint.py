"""A checkpoint in memory: the classifier with its weights, and the tokenizer as serving uses it."""

from dataclasses import dataclass

from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel
from transformers.utils import logging as transformers_logging

from model_build import adapter
from model_build.errors import BuildError
from model_build.sources import Checkpoint

MAX_TOKENS = 256


@dataclass(frozen=True, kw_only=True)
class Classifier:
    """The model in evaluation mode, and a tokenizer that pads to the longest and cuts at `max_tokens`.

    `order` are the model's own numbers of the labels NEGATIVE and POSITIVE.
    """

    model: PreTrainedModel
    tokenizer: Tokenizer
    max_tokens: int
    order: tuple[int, int] = (0, 1)


def load(checkpoint: Checkpoint) -> Classifier:
    """Load `checkpoint`, its adapter merged; raises BuildError where weights or tokenizer do not make a classifier."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    model = adapter.merged(checkpoint.folder, checkpoint.adapter) if checkpoint.adapter else _pretrained(checkpoint)
    max_tokens = min(MAX_TOKENS, _positions(model))
    found = tokenizer(checkpoint, model, max_tokens)
    return Classifier(model=model, tokenizer=found, max_tokens=max_tokens, order=checkpoint.order)


def _positions(model: PreTrainedModel) -> int:
    """The longest text in tokens that the model has positions for. RoBERTa's begin after the number of the padding."""
    positions = int(getattr(model.config, "max_position_embeddings", MAX_TOKENS))
    after_padding = any(
        getattr(part, "padding_idx", None) is not None
        for name, part in model.named_modules()
        if name.endswith("position_embeddings")
    )
    return positions - (model.config.pad_token_id or 0) - 1 if after_padding else positions


def _pretrained(checkpoint: Checkpoint) -> PreTrainedModel:
    try:
        model, loading = AutoModelForSequenceClassification.from_pretrained(
            checkpoint.folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise BuildError(f"{checkpoint.source} cannot be loaded as a classifier: check that it is whole.") from error
    if missing := len(loading["missing_keys"]):
        raise BuildError(f"{checkpoint.source} lacks {missing} tensors of its classifier: give a fine-tuned one.")
    result: PreTrainedModel = model
    result.train(False)
    return result


def tokenizer(checkpoint: Checkpoint, model: PreTrainedModel, max_tokens: int) -> Tokenizer:
    """The checkpoint's, as serving uses it: it pads as `model` wants it and cuts at `max_tokens`; raises BuildError."""
    file = checkpoint.folder / "tokenizer.json"
    try:
        if file.exists():
            found = Tokenizer.from_file(str(file))
        else:
            options = {"local_files_only": True, "trust_remote_code": False}
            found = AutoTokenizer.from_pretrained(checkpoint.folder, **options).backend_tokenizer
    except Exception as error:  # tokenizers raises bare Exception for a file that it cannot read
        raise BuildError(f"{checkpoint.source} has an unreadable tokenizer: save the tokenizer again.") from error
    pad_id = model.config.pad_token_id or 0
    found.enable_truncation(max_length=max_tokens)
    found.enable_padding(pad_id=pad_id, pad_token=found.id_to_token(pad_id) or "[PAD]")
    return found
