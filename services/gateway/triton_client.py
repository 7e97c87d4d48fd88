"""Asks Triton: the only file that knows the v2 inference protocol."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import grpc
import numpy as np
from tritonclient.grpc import InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import InferenceServerException

from services.gateway.clock import Clock
from services.gateway.tls import Identity
from services.gateway.triton_channel import TritonChannel

_CLASSES = 2
_REJECTED = str(grpc.StatusCode.INVALID_ARGUMENT)
_BUSY = ("Exceeds maximum queue size", "Request timeout expired")
"""What Triton's queue says, with the status of a Triton that is not there."""
_BUSY_RETRY_S = 1.0


class TritonError(Exception):
    """No answer, or one that can't be right. Holds neither text nor Triton's message, which may quote it."""


class TritonRejected(TritonError):
    """Triton is well and does not take this request."""


class TritonCircuitOpen(TritonError):
    """Triton was not asked, because it did not answer others."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("the circuit is open")
        self.retry_after_s = retry_after_s


class TritonOverloaded(TritonError):
    """Triton was not asked, because its answer would come too late; or it said so itself."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("Triton is busy")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Scores:
    """For each text, in order, the logits of NEGATIVE and POSITIVE; and the answering model's version."""

    logits: tuple[tuple[float, float], ...]
    model_version: str

    @property
    def probabilities(self) -> list[tuple[float, float]]:
        """The softmax of the logits of each text."""
        return [_softmax(negative, positive) for negative, positive in self.logits]


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

    def __init__(
        self,
        target: str,
        *,
        identity: Callable[[], Identity],
        model: str,
        clock: Clock,
        versions: Collection[str] = (),
    ) -> None:
        """Only `versions` of the model, as their manifests name them, may answer; any where there are none."""
        self._channel = TritonChannel(target, newest=identity)
        self._model, self._versions = model, frozenset(versions)
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
        except InferenceServerException as error:
            raise _error(error) from None
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
        if self._versions and not versions <= self._versions:
            raise ValueError("another version of the model answered")
        return Scores(tuple((negative, positive) for negative, positive in logits.tolist()), versions.pop())

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


def _error(error: InferenceServerException) -> TritonError:
    """What is the matter with Triton, without a word of its own."""
    if error.status() == _REJECTED:
        return TritonRejected("Triton does not take the request")
    if any(said in (error.message() or "") for said in _BUSY):
        return TritonOverloaded(_BUSY_RETRY_S)
    return TritonError("Triton did not answer")


def _softmax(negative: float, positive: float) -> tuple[float, float]:
    difference = min(max(positive - negative, -700.0), 700.0)  # beyond it exp overflows
    likely = 1.0 / (1.0 + math.exp(-difference))
    return 1.0 - likely, likely
