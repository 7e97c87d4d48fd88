"""The model as every peer calls it: the same files, engine, options and threads as on our own paths.

Settings: PEER_MODEL_DIR, PEER_THREADS, PEER_MAX_BATCH and PEER_DELAY_US (a peer's own batching), PEER_PORT, and
PEER_LENGTH_AWARE: "1" lends the peer our choice of which texts run together; else a batch is padded to its longest text,
which is what a peer's own examples do.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from services.fastapi_svc.classifier import load as load_classifier

MAX_BATCH = int(os.environ.get("PEER_MAX_BATCH", "32"))
DELAY_S = int(os.environ.get("PEER_DELAY_US", "2000")) / 1e6
PORT = int(os.environ.get("PEER_PORT", "8080"))
Answer = dict[str, str | float]


def load() -> Callable[[Sequence[str]], list[Answer]]:
    """Texts in, label and score of each out."""
    classifier = load_classifier(
        Path(os.environ["PEER_MODEL_DIR"]),
        threads=int(os.environ.get("PEER_THREADS", "1")),
        one_run=os.environ.get("PEER_LENGTH_AWARE") != "1",
    )
    return lambda texts: [{"label": label, "score": score} for label, score in classifier.classify(texts)]
