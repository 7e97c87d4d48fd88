"""One process of the node: started once, started anew when it died or when what it reads has changed."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError
from local.node.addresses import Endpoint
from local.processes import Process, await_condition

# Nothing of the caller's environment reaches a component: a proxy for the user's own traffic would catch the cluster's.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent"}


@dataclass(frozen=True, kw_only=True)
class Component:
    """A program, what it reads and listens on, and how one sees that it answers."""

    name: str
    command: tuple[str | Path, ...]
    ready: Callable[[], bool]
    reads: tuple[Path, ...] = ()
    listens: tuple[Endpoint, ...] = ()
    timeout_s: float = 60

    def fingerprint(self) -> str:
        """Changes with the command, the program behind it and the contents of the files it reads."""
        digest = hashlib.sha256()
        for part in self.command:
            digest.update(f"{part}\0".encode())
        program = Path(self.command[0]).resolve()
        digest.update(f"{program}\0{program.stat().st_size}\0{program.stat().st_mtime_ns}".encode())
        for path in self.reads:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def start(self, log: Path) -> bool:
        """Start it unless it runs as it should; True where this call started it. It need not be ready yet."""
        process, mark, fingerprint = self.process(log), log / f"{self.name}.fingerprint", self.fingerprint()
        if process.pid() is not None and mark.exists() and mark.read_text() == fingerprint:
            return False
        process.stop()
        if process.log.exists():
            process.log.replace(log / f"{self.name}.previous.log")
        process.start(self.command, env=ENVIRONMENT)
        mark.write_text(fingerprint)
        return True

    def await_ready(self, log: Path, ready: Callable[[], bool] | None = None, *, what: str | None = None) -> None:
        """Return when it answers, or when `ready()` holds if given (`what` it shows).

        Raises LocalError with the end of its log when it ended or the answer did not come in time.
        """
        process = self.process(log)

        def answered() -> bool:
            if process.pid() is None:
                raise LocalError(f"{self.name} ended while it started.")
            return (ready or self.ready)()

        try:
            what = what or f"the start of {self.name}"
            await_condition(answered, what=what, timeout_s=self.timeout_s, interval_s=0.1)
        except LocalError as error:
            raise LocalError(f"{error} Its log is {process.log} and ends with:\n{process.tail()}") from None

    def process(self, log: Path) -> Process:
        """Its process record; `log` is the directory of logs and pid files."""
        return Process(name=self.name, directory=log)
