"""Asks Triton about texts."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import grpc

from services.gateway import triton_messages
from services.gateway.clock import Clock
from services.gateway.tls import Identity
from services.gateway.triton_channel import TritonChannel

_BUSY = ("Exceeds maximum queue size", "Request timeout expired")
"""What Triton's queue says, with the status of a Triton that is not there."""
_BUSY_RETRY_S = 1.0
_READY_S = 1.0


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

    async def classify(self, texts: Sequence[str], *, deadline: float, traceparent: str | None = None) -> Scores:
        """Scores of de-identified texts before `deadline` (monotonic clock, seconds); TritonError otherwise.

        `traceparent` is what Triton's own traces are to belong to.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class GrpcTritonClient:
    """Speaks gRPC over mutual TLS to a target such as `dns:///triton-headless.inference.svc.cluster.local:8001`.

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
            answer = await self._channel.call(
                "ModelReady", triton_messages.ready_request(self._model), timeout_s=_READY_S
            )
        except grpc.RpcError:
            return False
        return bool(answer.ready)

    async def classify(self, texts: Sequence[str], *, deadline: float, traceparent: str | None = None) -> Scores:
        """See `TritonClient`. The deadline travels with the call, so that Triton can drop what nobody waits for."""
        remaining_s = deadline - self._clock.monotonic()
        if remaining_s <= 0:
            raise TritonError("the deadline has passed")
        request = triton_messages.infer_request(self._model, texts, timeout_us=int(remaining_s * 1_000_000))
        metadata = (("traceparent", traceparent),) if traceparent else ()
        try:
            response = await self._channel.call("ModelInfer", request, timeout_s=remaining_s, metadata=metadata)
        except grpc.RpcError as error:
            raise _error(error) from None
        try:
            return self._scores(response, len(texts))
        except ValueError:  # UnicodeDecodeError is one
            raise TritonError("Triton's answer is not valid") from None

    def _scores(self, response: Any, count: int) -> Scores:
        logits, version = triton_messages.answered(response, model=self._model, count=count)
        if self._versions and version not in self._versions:
            raise ValueError("another version of the model answered")
        return Scores(logits, version)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


def _error(error: grpc.RpcError) -> TritonError:
    """What is the matter with Triton, without a word of its own."""
    if error.code() is grpc.StatusCode.INVALID_ARGUMENT:
        return TritonRejected("Triton does not take the request")
    if any(said in (error.details() or "") for said in _BUSY):
        return TritonOverloaded(_BUSY_RETRY_S)
    return TritonError("Triton did not answer")


def _softmax(negative: float, positive: float) -> tuple[float, float]:
    difference = min(max(positive - negative, -700.0), 700.0)  # beyond it exp overflows
    likely = 1.0 / (1.0 + math.exp(-difference))
    return 1.0 - likely, likely
