import asyncio
from collections.abc import Iterable
from typing import Any

from tests.services.gateway.harness import Harness, bearer


def drive(harness: Harness, received: Iterable[dict[str, Any]]) -> int:
    """The status of the answer when the server delivers these messages, and then nothing more."""
    messages = iter(received)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/classify",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"authorization", bearer()["Authorization"].encode()),
        ],
    }

    async def run() -> None:
        app = harness.app()
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    asyncio.run(run())
    return int(sent[0]["status"])


class NearDeadline:
    """Each look at the clock is 9.99 seconds after the last, so that almost nothing of the request's time is left."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        self._clock.seconds += 9.99
        return float(self._clock.seconds)

    def now(self) -> Any:
        return self._clock.now()


def test_a_body_that_never_ends_is_given_up() -> None:
    """A body that doesn't arrive within the request's time is a 408."""
    harness = Harness()
    harness.clock = NearDeadline(harness.clock)
    assert drive(harness, [{"type": "http.request", "body": b"{", "more_body": True}]) == 408
    assert harness.audit_lines()[0]["outcome"] == "body_timeout"


def test_a_caller_who_goes_away_is_on_record() -> None:
    """A connection that ends within the body leaves a record, and nothing is forwarded."""
    harness = Harness()
    begun = {"type": "http.request", "body": b'{"text"', "more_body": True}
    assert drive(harness, [begun, {"type": "http.disconnect"}]) == 400
    assert harness.audit_lines()[0]["outcome"] == "incomplete_body"
    assert harness.triton.asked == []
