"""The connections to Triton: mutual TLS to each of its pods, in turn, with the newest certificate."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from tritonclient.grpc.aio import InferenceServerClient

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
]


class _Channel:
    """One client, made with one identity, and how many calls use it."""

    def __init__(self, target: str, identity: Identity) -> None:
        credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.chain)
        self.client = InferenceServerClient(target, creds=credentials, channel_args=CHANNEL_ARGS)
        self.identity = identity
        self.calls = 0


class TritonChannel:
    """Clients of `target`, whose certificate has to carry the target's name; make it inside the event loop.

    A client with an older identity than `newest()` is closed when the last call on it has ended.
    """

    def __init__(self, target: str, *, newest: Callable[[], Identity]) -> None:
        self._target = target
        self._newest = newest
        self._channel = _Channel(target, newest())

    @asynccontextmanager
    async def client(self) -> AsyncIterator[InferenceServerClient]:
        """The client for one call, which has a time limit of its own."""
        if self._channel.identity is not self._newest():
            outdated, self._channel = self._channel, _Channel(self._target, self._newest())
            await self._close_unless_used(outdated)
        channel = self._channel
        channel.calls += 1
        try:
            yield channel.client
        finally:
            channel.calls -= 1
            await self._close_unless_used(channel)

    async def _close_unless_used(self, channel: _Channel) -> None:
        if channel is not self._channel and not channel.calls:
            await channel.client.close()

    async def close(self) -> None:
        """Close the newest client; no call may be under way."""
        await self._channel.client.close()
