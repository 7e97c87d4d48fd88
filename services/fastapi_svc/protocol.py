"""HTTP/1.1 that says when a caller has gone before the answer."""

from services.http.protocol import WholeAnswers

WHEN_LEFT = "when_left"
"""Name in a request's state of what is called then: asking `receive` for it would cost each request a task."""


class LeavingNoticed(WholeAnswers):
    """Calls what a request left in its state as WHEN_LEFT, if its connection ends before the answer does."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop."""
        cycle = self.cycle
        super().connection_lost(exc)
        if cycle is not None and not cycle.response_complete:
            when_left = cycle.scope["state"].get(WHEN_LEFT)
            if when_left is not None:
                when_left()
