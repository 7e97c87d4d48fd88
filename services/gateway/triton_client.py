"""Asks Triton: the only file that knows the v2 inference protocol."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import InferenceServerException

from services.gateway.clock import Clock
from services.gateway.tls import Identity
from services.gateway.triton_channel import TritonChannel

_CLASSES = 2


class TritonError(Exception):
    """No answer, or one that can't be right. Holds neither text nor Triton's message, which may quote it."""


@dataclass(frozen=True)
class Scores:
    """For each text, in order, the probabilities of NEGATIVE and POSITIVE; and the answering model's version."""

    probabilities: tuple[tuple[float, float], ...]
    model_version: str


class TritonClient(Protocol):
    """What the application uses."""

    async def ready(self) -> bool:
        """Whether the model can be asked."""
        ...

    async def classify(self, texts: Sequence[str], *, deadline: float) -> Scores:
        """Scores of de-identified texts before `deadline` (monotonic clock, seconds); TritonError otherwise."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class GrpcTritonClient:
    """Speaks gRPC over mutual TLS to a target such as `dns:///triton-headless.inference.svc.cluster.local:8001`.

    The model takes TEXT (BYTES, [n, 1]) and gives LOGITS (FP32, [n, 2]) and MODEL_VERSION (BYTES, [n, 1]).
    Make it inside the event loop that uses it.
    """

    def __init__(self, target: str, *, identity: Callable[[], Identity], model: str, clock: Clock) -> None:
        self._channel = TritonChannel(target, newest=identity)
        self._model = model
        self._clock = clock

    async def ready(self) -> bool:
        """Whether Triton says that the model is ready, within a second."""
        try:
            async with self._channel.client() as client:
                return bool(await client.is_model_ready(self._model, client_timeout=1.0))
        except InferenceServerException:
            return False

    async def classify(self, texts: Sequence[str], *, deadline: float) -> Scores:
        """See `TritonClient`. The deadline travels with the call, so that Triton can drop what nobody waits for."""
        remaining_s = deadline - self._clock.monotonic()
        if remaining_s <= 0:
            raise TritonError("the deadline has passed")
        text_input = InferInput("TEXT", [len(texts), 1], "BYTES")
        text_input.set_data_from_numpy(np.array([[text.encode()] for text in texts], dtype=np.object_))
        try:
            async with self._channel.client() as client:
                result = await client.infer(
                    self._model,
                    [text_input],
                    outputs=[InferRequestedOutput("LOGITS"), InferRequestedOutput("MODEL_VERSION")],
                    client_timeout=remaining_s,
                    timeout=int(remaining_s * 1_000_000),
                )
        except InferenceServerException:
            raise TritonError("Triton did not answer") from None
        try:
            return self._scores(result, len(texts))
        except (ValueError, TypeError, AttributeError, IndexError, UnicodeDecodeError):
            raise TritonError("Triton's answer is not valid") from None

    def _scores(self, result: InferResult, count: int) -> Scores:
        if result.get_response().model_name != self._model:
            raise ValueError("another model answered")
        logits = result.as_numpy("LOGITS")
        if logits.shape != (count, _CLASSES) or logits.dtype != np.float32 or not np.isfinite(logits).all():
            raise ValueError("logits of the wrong form")
        versions = {version.decode() for version in result.as_numpy("MODEL_VERSION").reshape(-1)}
        if len(versions) != 1 or not all(1 <= len(version) <= 64 and version.isalnum() for version in versions):
            raise ValueError("not one model version")
        return Scores(tuple(_softmax(*row) for row in logits.tolist()), versions.pop())

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


def _softmax(negative: float, positive: float) -> tuple[float, float]:
    difference = min(max(positive - negative, -700.0), 700.0)  # beyond it exp overflows
    likely = 1.0 / (1.0 + math.exp(-difference))
    return 1.0 - likely, likely
