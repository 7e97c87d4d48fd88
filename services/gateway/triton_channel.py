"""The connections to Triton: mutual TLS to each of its pods, in turn, with the newest certificate."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

import grpc
from tritonclient.grpc import service_pb2_grpc

from services.gateway.tls import Identity

_MAX_MESSAGE_BYTES = 4 * 1024 * 1024
# https://grpc.io/docs/guides/service-config/ and https://grpc.io/docs/guides/retry/
SERVICE_CONFIG: dict[str, Any] = {
    # One connection to each address of a headless Service, used in turn: a single one would pin a client to one pod.
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": "inference.GRPCInferenceService", "method": "ModelInfer"}],
            # A pod that went away is UNAVAILABLE, with requests on it or before them; one that stops has CANCELLED those
            # that it did not begin. Inference changes nothing, so another pod is asked, within the call's deadline.
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED"],
            },
        }
    ],
    # A full queue is UNAVAILABLE too: where most calls fail, asking again would only add to the load. A retry needs more
    # than half of the tokens; a failure takes one, a success gives back `tokenRatio`.
    "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1},
}
# https://grpc.github.io/grpc/core/group__grpc__arg__keys.html
CHANNEL_ARGS: list[tuple[str, Any]] = [
    ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
    ("grpc.per_rpc_retry_buffer_size", _MAX_MESSAGE_BYTES),  # a call that does not fit is not retried
    ("grpc.dns_min_time_between_resolutions_ms", 5_000),
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    # A pod that vanished without closing is noticed while a call waits; idle pings would break Triton's limit on them.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
    # Small messages, each of which somebody waits for: nothing is gained by measuring how much the line takes.
    ("grpc.optimization_target", "latency"),
    ("grpc.http2.bdp_probe", 0),
]


Method = Literal["ModelInfer", "ModelReady"]
Metadata = Sequence[tuple[str, str]]


class _Channel:
    """One channel, made with one identity, and how many calls use it."""

    def __init__(self, target: str, identity: Identity) -> None:
        credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.chain)
        self.channel = grpc.aio.secure_channel(target, credentials, options=CHANNEL_ARGS)
        self.stub: Any = service_pb2_grpc.GRPCInferenceServiceStub(self.channel)
        self.identity = identity
        self.calls = 0


class TritonChannel:
    """Calls `target`, whose certificate has to carry the target's name; make it inside the event loop.

    A channel with an older identity than `newest()` is closed when the last call on it has ended.
    """

    def __init__(self, target: str, *, newest: Callable[[], Identity]) -> None:
        self._target = target
        self._newest = newest
        self._channel = _Channel(target, newest())

    async def call(self, method: Method, request: Any, *, timeout_s: float, metadata: Metadata = ()) -> Any:
        """The answer, within `timeout_s`; grpc.RpcError where there is none, which may quote the request."""
        if self._channel.identity is not self._newest():
            outdated, self._channel = self._channel, _Channel(self._target, self._newest())
            await self._close_unless_used(outdated)
        channel = self._channel
        channel.calls += 1
        try:
            return await getattr(channel.stub, method)(request, timeout=timeout_s, metadata=metadata)
        finally:
            channel.calls -= 1
            await self._close_unless_used(channel)

    async def _close_unless_used(self, channel: _Channel) -> None:
        if channel is not self._channel and not channel.calls:
            await channel.channel.close()

    async def close(self) -> None:
        """Close the newest channel; no call may be under way."""
        await self._channel.channel.close()
