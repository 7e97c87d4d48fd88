"""One path of the comparison at a time: started on cores of its own, warmed up, asked, and stopped."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from loadtests.bench import cpu
from loadtests.bench.cores import pinned
from loadtests.bench.load import by_many, one_after_other
from loadtests.bench.memory import resident
from loadtests.bench.paths import Server, Setting
from loadtests.bench.processes import REPO, free_port, process
from loadtests.measure import LoadTestError

START_S = 180
WARM_UP = 256
"""Requests."""
Make = Callable[[Setting, int, Sequence[str]], Server]


@dataclass(frozen=True)
class Load:
    """What a round asks: texts by one client, texts by many, and how many those are."""

    one: Sequence[str]
    many: Sequence[str]
    clients: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One round of one path, in seconds, requests a second, and bytes. Nobody calls raw: it has neither latencies of many
    nor a caller's time."""

    one_client_s: list[float]
    many_s: list[float]
    requests: int
    per_s: float
    server_cpu_s: float
    caller_cpu_s: float
    resident: int


@contextmanager
def started(
    name: str, make: Make, setting: Setting, texts: Sequence[str], cores: Sequence[int]
) -> Iterator[tuple[Server, "subprocess.Popen[bytes]"]]:
    """The server of a path on these cores, with a folder of its own for its log."""
    folder = setting.folder / f"{name.replace(' ', '-')}-{time.monotonic_ns()}"
    folder.mkdir(parents=True)
    server = make(replace(setting, folder=folder), free_port(), texts)
    with process(folder, "server", pinned(server.command, cores), server.environment) as running:
        yield server, running


async def answering(server: Server, running: "subprocess.Popen[bytes]") -> None:
    """Until the server gives a good answer; LoadTestError where it ends or takes longer than START_S."""
    ends = time.monotonic() + START_S
    while True:
        try:
            async with asyncio.timeout(30):
                await one_after_other(server.caller, server.caller.requests[:1])
            return
        except (OSError, EOFError, TimeoutError, LoadTestError, ValueError):
            if running.poll() is not None or time.monotonic() > ends:
                name = server.caller.name
                raise LoadTestError(f"{name} gave no good answer: run this with --keep and see its log.") from None
            await asyncio.sleep(0.5)


async def ask(server: Server, pid: int, load: Load) -> Figures:
    """One round with a server whose callers' requests are those of `load.many`, then those of `load.one`."""
    many, one = server.caller.requests[: len(load.many)], server.caller.requests[len(load.many) :]
    await by_many(server.caller, many[:WARM_UP], load.clients)
    one_client_s = await one_after_other(server.caller, one)
    used, mine = cpu.seconds(pid), time.process_time()
    saturated = await by_many(server.caller, many, load.clients)
    return Figures(
        one_client_s=one_client_s,
        many_s=saturated.latencies,
        requests=len(many),
        per_s=saturated.per_s,
        server_cpu_s=cpu.seconds(pid) - used,
        caller_cpu_s=time.process_time() - mine,
        resident=resident(pid),
    )


async def measure(name: str, make: Make, setting: Setting, load: Load, cores: Sequence[int]) -> Figures:
    """Start a path, measure it once, and stop it."""
    with started(name, make, setting, [*load.many, *load.one], cores) as (server, running):
        await answering(server, running)
        return await ask(server, running.pid, load)


def measure_raw(setting: Setting, load: Load, cores: Sequence[int]) -> Figures:
    """The same texts without any server: one at a time, then in batches of the largest size."""
    command = [sys.executable, "-m", "loadtests.bench.raw", str(setting.version), str(setting.threads)]
    with subprocess.Popen(
        pinned(command, cores), cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as raw:
        _order(raw, load.many[:WARM_UP], setting.max_batch)
        one_client_s = _order(raw, load.one, 1)
        used = cpu.seconds(raw.pid)
        batches_s = _order(raw, load.many, setting.max_batch)
        return Figures(
            one_client_s=one_client_s,
            many_s=[],
            requests=len(load.many),
            per_s=len(load.many) / sum(batches_s),
            server_cpu_s=cpu.seconds(raw.pid) - used,
            caller_cpu_s=0.0,
            resident=resident(raw.pid),
        )


def _order(raw: "subprocess.Popen[str]", texts: Sequence[str], batch: int) -> list[float]:
    assert raw.stdin
    assert raw.stdout
    raw.stdin.write(json.dumps({"texts": list(texts), "batch": batch}) + "\n")
    raw.stdin.flush()
    answer = raw.stdout.readline()
    if not answer:
        raise LoadTestError("ONNX Runtime by itself failed: the lines above say why.")
    seconds: list[float] = json.loads(answer)
    return seconds
