"""LitServe: `python -m loadtests.peers.litserve.service`."""

from collections.abc import Mapping, Sequence

import litserve  # type: ignore[import-not-found]

from loadtests.peers.model import DELAY_S, MAX_BATCH, PORT, Answer, load


class Sentiment(litserve.LitAPI):  # type: ignore[misc]
    """A batch starts when it is full or its first text has waited long enough."""

    def setup(self, device: str) -> None:
        """Called in the worker's process."""
        self._model = load()

    def decode_request(self, request: Mapping[str, str]) -> str:
        """The text of a request."""
        return request["text"]

    def batch(self, inputs: Sequence[str]) -> list[str]:
        """The texts of several requests."""
        return list(inputs)

    def predict(self, x: Sequence[str]) -> list[Answer]:
        """One answer for each."""
        return self._model(x)

    def unbatch(self, output: list[Answer]) -> list[Answer]:
        """They are apart already."""
        return output

    def encode_response(self, output: Answer) -> Answer:
        """What becomes the body."""
        return output


if __name__ == "__main__":
    server = litserve.LitServer(
        Sentiment(max_batch_size=MAX_BATCH, batch_timeout=DELAY_S), accelerator="cpu", workers_per_device=1, timeout=60
    )
    server.run(host="127.0.0.1", port=PORT, generate_client_file=False, log_level="warning")
