"""Cores for the server and for who asks."""

import os

import pytest

from loadtests.bench.cores import halves, pinned
from loadtests.measure import LoadTestError


@pytest.mark.parametrize(("mine", "server", "caller"), [({0, 1}, [1], [0]), ({2, 3, 5, 7}, [5, 7], [2, 3])])
def test_each_has_half(monkeypatch: pytest.MonkeyPatch, mine: set[int], server: list[int], caller: list[int]) -> None:
    """Of the cores that this process may use."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: mine)
    assert halves() == (server, caller)


def test_one_core_is_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures would be those of the caller too."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    with pytest.raises(LoadTestError, match="needs two cores"):
        halves()


def test_a_command_is_held_to_its_cores() -> None:
    """Whatever it starts inherits that."""
    assert pinned(["serve", "--fast"], [2, 3]) == ["taskset", "-c", "2,3", "serve", "--fast"]
