"""Small stand-ins made in the test: a checkpoint, rated sentences in a source distribution, and its lock file."""

import hashlib
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LABELS = ("NEGATIVE", "POSITIVE")
SPECIAL = {
    "distilbert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
    "bert": ["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
    "roberta": ["[CLS]", "[PAD]", "[SEP]", "[UNK]"],
}
"""In RoBERTa's order padding is number 1, and positions begin after it."""

SENTENCES = {
    "movieReviewSnippets_GroundTruth.txt": "film",
    "amazonReviewSnippets_GroundTruth.txt": "product",
    "nytEditorialSnippets_GroundTruth.txt": "news",
    "tweets_GroundTruth.txt": "tweet",
}


SIZES = {"vocab_size": 22, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
POSITIONS = 48


def write_checkpoint(folder: Path, family: str = "distilbert", *, labels: Sequence[str] = LABELS) -> Path:
    """A classifier of one layer with random weights and a tokenizer of its own, which reads POSITIONS tokens."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification

    special = SPECIAL[family]
    torch.manual_seed(1)
    config = AutoConfig.for_model(
        family,
        **SIZES,
        max_position_embeddings=POSITIONS + (2 if family == "roberta" else 0),
        pad_token_id=special.index("[PAD]"),
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    model = AutoModelForSequenceClassification.from_config(config)
    head = model.classifier.out_proj if family == "roberta" else model.classifier
    with torch.no_grad():  # as decided as a trained model: eight bits then do not turn labels
        head.weight.mul_(200)
    model.save_pretrained(folder, safe_serialization=True)
    _tokenizer(special).save(str(folder / "tokenizer.json"))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# tiny\n")
    return folder


def _tokenizer(special: Sequence[str]) -> "Tokenizer":
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    words = [*special, "a", "good", "bad", *SENTENCES.values(), "number", *"0123456789"]
    tokenizer = Tokenizer(models.WordPiece({word: index for index, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(word, special.index(word)) for word in ("[CLS]", "[SEP]")],
    )
    return tokenizer


def write_sentences(downloads: Path, lines: Mapping[str, str] | None = None) -> Path:
    """A source distribution with `lines` (file name to content) or 80 sentences a file; returns its lock file."""
    contents = lines or {
        file: "".join(
            f"{index}\t{2 if index % 2 else -2}\ta {'good' if index % 2 else 'bad'} {topic} number {index}\r\n"
            for index in range(80)
        )
        for file, topic in SENTENCES.items()
    }
    inner = _tar({f"hutto_ICWSM_2014/{name}": content.encode() for name, content in contents.items()})
    outer = _tar({"vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz": inner})
    downloads.mkdir(parents=True, exist_ok=True)
    (downloads / "vaderSentiment-3.3.2.tar.gz").write_bytes(outer)
    lock = downloads / "data.lock"
    lock.write_text(f"vaderSentiment==3.3.2 \\\n    --hash=sha256:{hashlib.sha256(outer).hexdigest()}\n")
    return lock


def _tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
