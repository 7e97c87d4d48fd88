"""The program under mocks, run to its end."""

import asyncio
from collections.abc import Callable

import pulumi
import pytest
from pulumi.runtime.mocks import set_mocks

from local.program import Recorder, run_settled


def _run(program: Callable[[], object]) -> None:
    with asyncio.Runner() as runner:
        runner.get_loop()
        set_mocks(Recorder(), project="inference", stack="test", preview=False)
        runner.run(run_settled(program))


def test_what_an_output_makes_is_waited_for() -> None:
    """An output that only another one's value makes has ended too."""
    seen: list[str] = []

    def later(value: str) -> None:
        pulumi.Output.from_input(f"{value}, then this").apply(seen.append)

    _run(lambda: pulumi.Output.from_input("first").apply(later))
    assert seen == ["first, then this"]


def test_an_output_that_fails_fails_the_run() -> None:
    """Nothing that goes wrong after the program's last line is lost."""

    def spoilt(_: str) -> None:
        raise ValueError("spoilt")

    with pytest.raises(ValueError, match="spoilt"):
        _run(lambda: pulumi.Output.from_input("first").apply(spoilt))


def test_a_program_that_fails_fails_the_run() -> None:
    """Its own error is what is raised."""

    def program() -> None:
        raise ValueError("not a program")

    with pytest.raises(ValueError, match="not a program"):
        _run(program)
