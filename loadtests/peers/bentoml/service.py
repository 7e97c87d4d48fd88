"""BentoML: `bentoml serve loadtests.peers.bentoml.service:Sentiment`."""

import bentoml  # type: ignore[import-not-found]

from loadtests.peers.model import MAX_BATCH, Answer, load


@bentoml.service(workers=1, traffic={"timeout": 60}, logging={"access": {"enabled": False}})
class Sentiment:
    """How long a batch waits is BentoML's own choice: it learns it from how long batches take."""

    def __init__(self) -> None:
        self._model = load()

    @bentoml.api(batchable=True, max_batch_size=MAX_BATCH, max_latency_ms=60_000)  # type: ignore[untyped-decorator]
    def classify(self, texts: list[str]) -> list[Answer]:
        """One answer for each text of a batch."""
        return self._model(texts)
