"""Shows how far long-running programs are."""

import re
import subprocess
from pathlib import Path

from local.errors import LocalError
from local.paths import REPO
from local.phases import Say

_SUMMARY = re.compile(r"    \S+ \d+ (to )?\w+$|    \d+ (changes|unchanged)")
_DONE = re.compile(r" (created|updated|deleted|replaced) \(")


class Counter:
    """Shows how far an operation of the engine is, and keeps all that it prints in a file."""

    def __init__(self, say: Say, log: Path) -> None:
        self._say, self._log, self._done = say, log, 0
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")

    def __call__(self, line: str) -> None:
        with self._log.open("a") as log:
            log.write(line + "\n")
        if _SUMMARY.match(line):
            self._say(line.strip())
        elif _DONE.search(line):
            self._done += 1
            if self._done % 20 == 0:
                self._say(f"{self._done} resources")


def stream(command: list[str], say: Say, what: str) -> None:
    """Run a program of this clone and show its lines; raises LocalError with the last one where it fails."""
    last = "it printed nothing"
    with subprocess.Popen(
        command, cwd=REPO, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            last = line.strip() or last
            say(line.rstrip())
    if process.returncode != 0:
        raise LocalError(f"{what} failed: {last}")
