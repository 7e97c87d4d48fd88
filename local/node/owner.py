"""Which clone of the repository the stack on this machine belongs to."""

from enum import Enum
from pathlib import Path

from local.errors import LocalError
from local.processes import Process


class Claim(Enum):
    """What `claim` found."""

    OURS = "ours"
    FREE = "free"
    TAKEN_OVER = "taken over"


def refuse_other(state: Path, clone: Path) -> None:
    """Raise LocalError while processes of another clone's stack run: it is not this clone's to change or to end."""
    owner = read(state)
    if owner not in (None, clone) and running(state):
        raise LocalError(f"The local stack here belongs to the clone in {owner}: run `make down` there first.")


def claim(state: Path, clone: Path) -> Claim:
    """Make `clone` the owner of `state`; raises LocalError while processes of another clone's stack run.

    TAKEN_OVER: another clone owned it and nothing of it runs any more; what it left behind is the caller's to clean.
    """
    refuse_other(state, clone)
    owner = read(state)
    if owner == clone:
        return Claim.OURS
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = state / "owner.new"
    aside.write_text(str(clone))
    aside.replace(state / "owner")
    return Claim.FREE if owner is None else Claim.TAKEN_OVER


def read(state: Path) -> Path | None:
    """The clone that owns `state`, or None where there is no stack."""
    try:
        return Path((state / "owner").read_text().strip())
    except FileNotFoundError:
        return None


def release(state: Path) -> None:
    """Forget the owner, and the directory itself where nothing else is in it."""
    (state / "owner").unlink(missing_ok=True)
    if state.exists() and not any(state.iterdir()):
        state.rmdir()


def running(state: Path) -> list[str]:
    """Names of the stack's processes that run, whoever started them."""
    records = [*state.glob("*/*.pid"), *state.glob("*/log/*.pid")]
    return [record.stem for record in records if Process(name=record.stem, directory=record.parent).pid() is not None]
