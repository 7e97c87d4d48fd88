"""The issuer as a process of the stack: started by `make up`, ended by `make down`."""

import sys
from pathlib import Path

from local.errors import LocalError
from local.issuer import LISTEN
from local.issuer.client import IssuerClient
from local.issuer.server import prepare
from local.node.addresses import Endpoint
from local.node.ports import refuse_taken
from local.paths import REPO
from local.processes import Process, await_condition

_START_S = 20


class IssuerProcess:
    """`directory` holds its keys, its certificate, its log and which process it is."""

    def __init__(self, directory: Path, listen: Endpoint = LISTEN) -> None:
        self._directory, self._listen = directory, listen
        self._process = Process(name="issuer", directory=directory)

    def start(self) -> None:
        """Start it anew, so that it runs this clone's code, and return when it answers; its keys stay."""
        self._process.stop()
        refuse_taken([self._listen])
        prepare(self._directory)
        command: list[str | Path] = [sys.executable, "-m", "local.issuer", self._directory, str(self._listen.port)]
        self._process.start(command, cwd=REPO)
        await_condition(self._answers, what=f"An answer from the issuer at {self._listen}", timeout_s=_START_S)

    def stop(self) -> None:
        """End it; nothing where it does not run."""
        self._process.stop()

    def _answers(self) -> bool:
        if self._process.pid() is None:
            raise LocalError(f"The issuer ended while it started:\n{self._process.tail()}")
        try:
            return bool(IssuerClient(self._directory, issuer=f"https://{self._listen}").metadata())
        except LocalError:
            return False
