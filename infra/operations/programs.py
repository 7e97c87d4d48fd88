"""Programs of others that the commands call, and how they get into the account's registry."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.operations.accounts import AwsAccount
from infra.operations.errors import OperationError


def call(arguments: Sequence[str], *, docker_config: Path | None = None) -> bytes:
    """Standard output of a program; raises OperationError with its last words. `docker_config` is where it finds logins."""
    environment = {**os.environ, "DOCKER_CONFIG": str(docker_config)} if docker_config else dict(os.environ)
    done = subprocess.run(arguments, capture_output=True, stdin=subprocess.DEVNULL, env=environment, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OperationError(f"`{arguments[0]} {arguments[1]}` failed: {said[-1] if said else 'it said nothing'}")
    return done.stdout


def first_on_path(names: Sequence[str], *, what_for: str) -> str:
    """The first of the programs that is there; raises OperationError where none is."""
    for name in names:
        if shutil.which(name):
            return name
    raise OperationError(f"There is none of {', '.join(names)} on PATH to {what_for}: install one of them.")


@dataclass(frozen=True)
class Login:
    """A registry and a folder with `config.json`, which Docker, Buildah, skopeo and crane all read."""

    host: str
    folder: Path

    @property
    def file(self) -> Path:
        """The file itself, for programs that want its name."""
        return self.folder / "config.json"


@contextmanager
def logged_in(account: AwsAccount) -> Iterator[Login]:
    """The account's own registry, for the twelve hours of a token at most; the token is in a file of its owner's only.

    Never an argument: those can be read by every process of the machine.
    """
    (granted,) = account.client("ecr").get_authorization_token()["authorizationData"]
    host = granted["proxyEndpoint"].removeprefix("https://")
    with tempfile.TemporaryDirectory(prefix="registry-") as folder:
        login = Login(host, Path(folder))
        login.file.touch(mode=0o600)
        login.file.write_text(json.dumps({"auths": {host: {"auth": granted["authorizationToken"]}}}))
        yield login
