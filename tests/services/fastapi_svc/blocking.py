"""A classifier that works when it is let, so that a test says what waits while it does."""

import threading
from collections.abc import Sequence

from services.fastapi_svc.classifier import Manifest
from services.http.schemas import Label


class Blocking:
    """Answers each text with POSITIVE and its length, once `let` is set; fails where a text is `bad`."""

    manifest = Manifest(name="sentiment", version="0", labels=("NEGATIVE", "POSITIVE"), max_tokens=8, sha256={})

    def __init__(self) -> None:
        self.let = threading.Event()
        self.batches: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[tuple[Label, float]]:
        """Called in the pool's thread."""
        self.batches.append(list(texts))
        assert self.let.wait(60)
        if "bad" in texts:
            raise ValueError("bad")
        return [("POSITIVE", 1 / len(text)) for text in texts]
