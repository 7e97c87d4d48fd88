"""Small stand-ins made in the test: a checkpoint, rated sentences in a source distribution, and its lock file."""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

SENTENCES = {
    "movieReviewSnippets_GroundTruth.txt": "film",
    "amazonReviewSnippets_GroundTruth.txt": "product",
    "nytEditorialSnippets_GroundTruth.txt": "news",
    "tweets_GroundTruth.txt": "tweet",
}


def write_checkpoint(folder: Path) -> Path:
    """A DistilBERT of one layer with random weights and a tokenizer of its own."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "good", "bad", *SENTENCES.values(), "number", *"0123456789"]
    tokenizer = Tokenizer(models.WordPiece({word: index for index, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    torch.manual_seed(1)
    model = DistilBertForSequenceClassification(
        DistilBertConfig(
            vocab_size=len(words),
            dim=32,
            hidden_dim=64,
            n_layers=1,
            n_heads=2,
            max_position_embeddings=48,
            id2label={0: "NEGATIVE", 1: "POSITIVE"},
            label2id={"NEGATIVE": 0, "POSITIVE": 1},
        )
    )
    with torch.no_grad():  # as decided as a trained model: eight bits then do not turn labels
        model.classifier.weight.mul_(200)
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# tiny\n")
    return folder


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
