"""The trail as requests meet it."""

import asyncio
import logging
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from services.gateway.audit import AuditError
from services.gateway.audit.chain import parse
from services.gateway.audit.log import AuditLog
from services.gateway.audit.pages import page
from services.gateway.audit.segments import listing
from services.gateway.audit.verify import anchors, verify
from tests.services.gateway.audit.trail import TickingClock, audit_log, record, write_records


def records(folder: Path) -> list[dict[str, Any]]:
    """Everything on a volume, in order."""
    lines = [line for path in listing(folder) for line in path.read_bytes().splitlines(keepends=True)]
    return [dict(parse(line).fields) for line in lines]


def request_ids(folder: Path) -> list[str]:
    return [each["request_id"] for each in records(folder) if each["kind"] == "request"]


def await_ready(log: AuditLog, ready: bool = True) -> None:
    while log.ready is not ready:
        threading.Event().wait(0.01)


class Disk:
    """Stands before fdatasync: can be slow and can fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failing = False
        self.open = threading.Event()
        self.open.set()
        self.syncs = 0
        self._sync = os.fdatasync
        monkeypatch.setattr(os, "fdatasync", self)

    def __call__(self, descriptor: int) -> None:
        self.open.wait()
        self.syncs += 1
        if self.failing:
            raise OSError(28, "No space left on device")
        self._sync(descriptor)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_trail_tells_who_wrote_it_what_happened_and_that_it_ended(tmp_path: Path) -> None:
    """Start, requests, end; each with its place in the chain."""
    with audit_log(tmp_path) as log:
        assert write_records(log, ["a"]) == [None]
    start, request, end = records(tmp_path)
    assert (start["instance"], start["version"], start["deid_policy"]) == (
        "gateway-0",
        "registry/gateway@sha256:0",
        "policy-9",
    )
    assert {name: request[name] for name in ("request_id", "subject", "method", "status", "deid_policy")} == {
        "request_id": "a",
        "subject": "caller-7",
        "method": "token",
        "status": 200,
        "deid_policy": "policy-9",
    }
    assert [each["sequence"] for each in (start, request, end)] == [0, 1, 2]
    assert end["kind"] == "end"
    assert verify([tmp_path]).faults == []


def test_a_record_is_durable_before_the_request_goes_on(tmp_path: Path, disk: Disk) -> None:
    """While the disk does not answer, neither does the request."""
    with audit_log(tmp_path) as log:
        await_ready(log)

        async def answer() -> None:
            disk.open.clear()
            answering = asyncio.create_task(log.write(record("a"), status=200))
            await asyncio.wait([answering], timeout=0.1)
            assert not answering.done()
            disk.open.set()
            await answering

        asyncio.run(answer())


def test_requests_that_end_together_share_a_write(tmp_path: Path, disk: Disk) -> None:
    """A hundred records that come while the disk is busy take one more sync."""
    with audit_log(tmp_path) as log:
        await_ready(log)

        async def answer() -> int:
            disk.open.clear()
            first = asyncio.create_task(log.write(record("first"), status=200))
            await asyncio.sleep(0)
            before = disk.syncs
            others = [asyncio.create_task(log.write(record(f"r{number}"), status=200)) for number in range(100)]
            await asyncio.sleep(0)
            disk.open.set()
            await asyncio.gather(first, *others)
            return disk.syncs - before

        assert asyncio.run(answer()) <= 2
    assert request_ids(tmp_path) == ["first", *(f"r{number}" for number in range(100))]


def test_a_trail_that_can_t_be_written_refuses_and_recovers(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    """Every request fails and the gateway is unready; once there is room it goes on by itself, and says what it missed."""
    caplog.set_level(logging.INFO)
    with audit_log(tmp_path) as log:
        await_ready(log)
        disk.failing = True
        outcomes = write_records(log, ["a", "b", "c"])
        assert [type(each) for each in outcomes] == [AuditError] * 3
        assert not log.ready
        disk.failing = False
        await_ready(log)
        assert write_records(log, ["d"]) == [None]
    assert [each["kind"] for each in records(tmp_path)] == ["start", "recovered", "request", "end"]
    assert records(tmp_path)[1]["unrecorded"] == 3
    assert "No space left on device" in caplog.text
    assert "3 requests were refused" in caplog.text
    assert verify([tmp_path]).faults == []


def test_a_trail_that_can_t_begin_is_not_ready_and_begins_later(tmp_path: Path) -> None:
    """A volume that is not there yet."""
    folder = tmp_path / "volume"
    with audit_log(folder) as log:
        assert [type(each) for each in write_records(log, ["a"])] == [AuditError]
        assert not log.ready
        folder.mkdir()
        await_ready(log)
        assert write_records(log, ["b"]) == [None]
    assert request_ids(folder) == ["b"]


def test_an_unexpected_error_refuses_and_does_not_end_the_trail(tmp_path: Path) -> None:
    """The thread lives on, or every later request would wait in vain."""
    with audit_log(tmp_path) as log:
        await_ready(log)
        broken = record("a")
        broken.outcome = object()  # type: ignore[assignment]
        assert [type(each) for each in [asyncio.run(_write(log, broken))]] == [AuditError]
        await_ready(log)
        assert write_records(log, ["b"]) == [None]
    assert request_ids(tmp_path) == ["b"]


async def _write(log: AuditLog, what: Any) -> BaseException | None:
    return (await asyncio.gather(log.write(what, status=200), return_exceptions=True))[0]


def test_a_disk_that_hangs_refuses_in_time(tmp_path: Path, disk: Disk) -> None:
    """A request does not wait for ever. Its record may come later: there is one of an answer that did not leave."""
    with audit_log(tmp_path, timeout_s=0.05) as log:
        await_ready(log)
        disk.open.clear()
        assert [type(each) for each in write_records(log, ["a"])] == [AuditError]
        disk.open.set()
    assert request_ids(tmp_path) == ["a"]


def test_a_cancelled_request_is_on_record(tmp_path: Path, disk: Disk) -> None:
    """It is on its way when the request first waits."""
    with audit_log(tmp_path) as log:
        await_ready(log)

        async def cancel() -> None:
            disk.open.clear()
            writing = asyncio.create_task(log.write(record("a"), status=500))
            await asyncio.sleep(0)
            writing.cancel()
            disk.open.set()
            await asyncio.wait([writing])

        asyncio.run(cancel())
        assert write_records(log, ["b"]) == [None]
    assert request_ids(tmp_path) == ["a", "b"]


def test_closing_writes_what_waits_and_takes_no_more(tmp_path: Path, disk: Disk) -> None:
    """Afterwards every request is refused."""
    with audit_log(tmp_path) as log:
        await_ready(log)

        async def end() -> None:
            writing = asyncio.create_task(log.write(record("a"), status=200))
            await asyncio.sleep(0)
            await asyncio.to_thread(log.close)
            await writing
            with pytest.raises(AuditError):
                await log.write(record("b"), status=200)

        asyncio.run(end())
        assert not log.ready
    assert request_ids(tmp_path) == ["a"]


def test_the_head_goes_to_the_operational_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the start, at the end, and once a minute while records come; the trail has what the anchors say."""
    caplog.set_level(logging.INFO)
    clock = TickingClock()
    with audit_log(tmp_path, clock=clock) as log:
        write_records(log, ["a"])
        write_records(log, ["b"])
        clock.seconds += 60
        write_records(log, ["c"])
    known = list(anchors([caplog.text]))
    first, between, last = [head.sequence for head in known]
    assert first == 0 < between < last == 4
    assert verify([tmp_path], known=known).faults == []


def test_chains_sort_by_time_even_when_the_clock_was_put_back(tmp_path: Path) -> None:
    """The next chain's name is behind the one before."""
    for _ in range(3):
        with audit_log(tmp_path, clock=TickingClock()) as log:
            await_ready(log)
    starts = [each for each in records(tmp_path) if each["kind"] == "start"]
    assert len(starts) == 3
    assert [bool(each["continues"]) for each in starts] == [False, True, True]
    assert verify([tmp_path]).faults == []


def test_a_page_of_the_newest_records(tmp_path: Path) -> None:
    """As many as asked for, behind the one that was read last."""
    with audit_log(tmp_path) as log:
        write_records(log, [f"r{number}" for number in range(9)])
        head = log.head
        assert head
        assert [each["sequence"] for each in page(tmp_path, chain=head, limit=3)] == [0, 1, 2]
        assert [each["sequence"] for each in page(tmp_path, chain=head, after=6)] == [7, 8, 9]
        assert page(tmp_path, chain=head, after=9) == []
