"""A gateway that is killed at any moment."""

import http.client
import os
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.gateway.audit.chain import parse
from services.gateway.audit.segments import listing
from services.gateway.audit.verify import verify
from services.gateway.clock import SystemClock
from tests.services.gateway.audit.trail import audit_log

REPO = Path(__file__).parents[4]
PROGRAM = Path(__file__).with_name("answering.py")
RANDOM = random.Random(45164312)
KILLS, CALLERS = 8, 4


def answers(port: int) -> Iterator[str]:
    """The ids of answered requests of one caller, until the gateway is gone."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        while True:
            connection.request("GET", "/v1/classify")
            answer = connection.getresponse()
            assert answer.read() == b"an answer"
            yield answer.headers["X-Request-Id"]
    except (OSError, http.client.HTTPException):
        return
    finally:
        connection.close()


def answered_until_killed(folder: Path) -> list[str]:
    """What callers saw before the process was killed, a random time after the first answer."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(CALLERS) as callers:
        command = [sys.executable, str(PROGRAM), str(folder), str(listener.fileno())]
        env = {**os.environ, "PYTHONPATH": str(REPO)}
        process = subprocess.Popen(command, pass_fds=[listener.fileno()], env=env)
        port = listener.getsockname()[1]
        listener.close()  # the process alone listens: its end refuses the callers

        def call() -> None:
            for number, request_id in enumerate(answers(port)):
                seen.append(request_id)
                if not number:
                    threading.Timer(RANDOM.uniform(0, 0.1), process.kill).start()

        for called in [callers.submit(call) for _ in range(CALLERS)]:
            called.result()
        process.kill()
        process.wait()
    return seen


def test_every_answer_that_left_is_on_record(tmp_path: Path) -> None:
    """Killed again and again on one volume; what the kills tore is on record too, and the whole trail verifies."""
    seen: list[str] = []
    torn = 0
    for _ in range(KILLS):
        seen += answered_until_killed(tmp_path)
        if RANDOM.random() < 0.5:  # a kill tears a line within the kernel, which is rarer than a test has time for
            last = listing(tmp_path)[-1]
            last.write_bytes(last.read_bytes() + b'{"chain":"torn')
            torn += 1
    with audit_log(tmp_path, clock=SystemClock()):
        pass  # what begins after the last kill finds its leavings
    assert verify([tmp_path]).faults == []
    lines = [line for path in listing(tmp_path) for line in path.read_bytes().splitlines(keepends=True)]
    records = [parse(line).fields for line in lines]
    recorded = [fields["request_id"] for fields in records if fields["kind"] == "request"]
    assert len(seen) > KILLS
    assert set(seen) <= set(recorded)
    assert len(recorded) == len(set(recorded))
    assert sum(fields["kind"] == "torn" for fields in records) >= torn > 0
