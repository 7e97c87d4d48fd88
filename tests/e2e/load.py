"""Constant load on the gateway, with texts whose labels are known, so that a wrong answer is seen as such."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from types import TracebackType
from typing import Self

import httpx

from tests.e2e.waiting import until

SENTENCES = (
    ("The night nurse was wonderful and everything was explained.", "POSITIVE"),
    ("The waiting room was filthy and nobody answered our questions.", "NEGATIVE"),
    ("The staff were kind and quick.", "POSITIVE"),
    ("The worst visit of my life.", "NEGATIVE"),
)
_CALLERS = 3


@dataclass(frozen=True)
class Answer:
    """What became of one request. `status` is 0 where the connection broke, `right` whether a prediction is right."""

    status: int
    request_id: str | None = None
    predicted: bool = False
    right: bool = False
    retry_after_s: int = 0
    said: str = ""


class Load:
    """Requests over kept connections, about `rate` a second, for as long as the `with` block lasts."""

    def __init__(self, url: str, token: str, *, rate: float = 12) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._pause_s = _CALLERS / rate
        self._ended = threading.Event()
        self._callers = [threading.Thread(target=self._call, daemon=True) for _ in range(_CALLERS)]
        self.answers: list[Answer] = []

    def __enter__(self) -> Self:
        for caller in self._callers:
            caller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        for caller in self._callers:
            caller.join()

    def await_answers(self, count: int, *, timeout_s: float = 120) -> None:
        """Return when `count` more requests were answered with a prediction."""
        wanted = self._predicted() + count
        try:
            until(lambda: self._predicted() >= wanted, f"{count} more predictions", timeout_s=timeout_s, interval_s=0.1)
        except AssertionError as late:
            late.add_note(f"answers so far, by status: {self.statuses()}")
            raise

    def statuses(self) -> Counter[int]:
        """How often each status came; 0 counts broken connections."""
        return Counter(answer.status for answer in self.answers)

    def failures(self) -> Sequence[Answer]:
        """Requests that got no prediction."""
        return [answer for answer in self.answers if answer.status != 200]

    def wrong(self) -> Sequence[Answer]:
        """Predictions that are not the text's."""
        return [answer for answer in self.answers if answer.status == 200 and not answer.right]

    def _predicted(self) -> int:
        return self.statuses()[200]

    def _call(self) -> None:
        with httpx.Client(base_url=self._url, headers=self._headers, timeout=30, trust_env=False) as client:
            for sentence, label in cycle(SENTENCES):
                if self._ended.wait(self._pause_s):
                    return
                self.answers.append(_asked(client, sentence, label))


def _asked(client: httpx.Client, sentence: str, label: str) -> Answer:
    try:
        answer = client.post("/v1/classify", json={"text": sentence})
    except httpx.TransportError as error:
        return Answer(0, said=repr(error))
    labels = [prediction["label"] for prediction in answer.json().get("predictions", [])]
    return Answer(
        status=answer.status_code,
        request_id=answer.headers.get("X-Request-Id"),
        predicted=bool(labels),
        right=labels == [label],
        retry_after_s=int(answer.headers.get("Retry-After", 0)),
        said=answer.text,
    )
