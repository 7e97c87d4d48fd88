"""Whose stack runs on this machine."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import LocalError
from local.node import owner
from local.node.owner import Claim
from local.processes import Process

HERE, THERE = Path("/clones/here"), Path("/clones/there")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Process]:
    process = Process(name="etcd", directory=tmp_path / "state" / "node" / "log")
    process.start([sys.executable, "-c", "import signal; signal.pause()"])
    yield process
    process.stop()


def test_a_free_machine_is_claimed_and_stays_ours(tmp_path: Path) -> None:
    """The first claim takes it, the second finds it taken by ourselves."""
    assert owner.claim(tmp_path / "state", HERE) is Claim.FREE
    assert owner.claim(tmp_path / "state", HERE) is Claim.OURS


def test_another_clones_running_stack_is_left_alone(tmp_path: Path, running: Process) -> None:
    """It is refused in one sentence that names the clone and the remedy, and keeps its owner."""
    owner.claim(tmp_path / "state", THERE)
    with pytest.raises(LocalError, match=r"/clones/there: run `make down` there"):
        owner.claim(tmp_path / "state", HERE)
    with pytest.raises(LocalError, match=r"/clones/there"):
        owner.refuse_other(tmp_path / "state", HERE)
    assert owner.read(tmp_path / "state") == THERE


def test_another_clones_dead_stack_is_taken_over(tmp_path: Path, running: Process) -> None:
    """Once nothing of it runs, the claim succeeds and says that something is to be cleaned."""
    owner.claim(tmp_path / "state", THERE)
    running.stop()
    assert owner.claim(tmp_path / "state", HERE) is Claim.TAKEN_OVER
    assert owner.read(tmp_path / "state") == HERE


def test_our_own_running_stack_is_no_obstacle(tmp_path: Path, running: Process) -> None:
    """Start is idempotent for the owner."""
    owner.claim(tmp_path / "state", HERE)
    assert owner.claim(tmp_path / "state", HERE) is Claim.OURS


def test_release_removes_only_an_empty_directory(tmp_path: Path) -> None:
    """What the rest of the stack keeps beside the node stays."""
    state = tmp_path / "state"
    owner.claim(state, HERE)
    (state / "aws").mkdir()
    owner.release(state)
    assert [path.name for path in state.iterdir()] == ["aws"]
    (state / "aws").rmdir()
    owner.release(state)
    assert not state.exists()
