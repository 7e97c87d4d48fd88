"""Runs the phases of a command side by side where they do not depend on each other, and shows how each is getting on."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

HEARTBEAT_S = 15

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One step: `run` gets a function that prints a line of progress; it starts when all of `after` have ended well."""

    name: str
    run: Callable[[Say], None]
    after: tuple[str, ...] = ()


class Console:
    """Prints lines as `minutes:seconds  phase  text`, whole lines only, from any thread."""

    def __init__(self, width: int) -> None:
        self._began = time.monotonic()
        self._width = width
        self._lock = threading.Lock()

    def elapsed_s(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self._began

    def say(self, phase: str, text: str) -> None:
        """Print one line for `phase`."""
        with self._lock:
            minutes, seconds = divmod(int(self.elapsed_s()), 60)
            print(f"{minutes:3d}:{seconds:02d}  {phase:<{self._width}}  {text}", flush=True)


def run(phases: Sequence[Phase]) -> dict[str, float]:
    """Run all phases and return the seconds that each took.

    When one fails, no further phase starts, those under way are awaited (nothing is left half-done), and its error is raised.
    """
    console = Console(max(len(phase.name) for phase in phases))
    waiting, took = list(phases), dict[str, float]()
    began: dict[str, float] = {}
    running: dict[Future[None], Phase] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(max_workers=len(phases)) as pool:
        while running or (waiting and failure is None):
            for phase in [p for p in waiting if failure is None and set(p.after) <= set(took)]:
                waiting.remove(phase)
                began[phase.name] = console.elapsed_s()
                running[pool.submit(phase.run, partial(console.say, phase.name))] = phase
            done, _ = wait(running, timeout=HEARTBEAT_S, return_when=FIRST_COMPLETED)
            if not done:
                under_way = ", ".join(f"{p.name} {console.elapsed_s() - began[p.name]:.0f} s" for p in running.values())
                console.say("…", f"still at it: {under_way}")
            for future in done:
                phase = running.pop(future)
                took[phase.name] = console.elapsed_s() - began[phase.name]
                if error := future.exception():
                    failure = failure or error
                    console.say(phase.name, "failed" + (": waiting for what is under way" if running else ""))
                else:
                    console.say(phase.name, f"done in {took[phase.name]:.0f} s")
    if failure:
        raise failure
    return took
