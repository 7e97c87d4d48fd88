"""The program that prints the API server's audit log, against a log that is written, rotated and cut as the API server does."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import toolchain
from local.processes import await_condition

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def program() -> Path:
    toolchain.ensure(["audit-log"])
    return toolchain.path("audit-log")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log" / "audit.log"


@pytest.fixture
def printed(tmp_path: Path) -> Path:
    """What it printed, over all its starts."""
    return tmp_path / "printed"


@pytest.fixture
def start(program: Path, log: Path, printed: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts it; ended at the end of the test."""
    started = []

    def start() -> "subprocess.Popen[bytes]":
        with printed.open("ab") as output:
            process = subprocess.Popen([program, f"--log={log}", f"--state={tmp_path / 'position'}"], stdout=output)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def write(log: Path, *lines: str) -> None:
    with log.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def rotate(log: Path, when: str) -> None:
    """As lumberjack does in the API server: rename, then make the file anew."""
    log.rename(log.with_name(f"audit-2026-01-01T00-00-{when}.000.log"))
    log.touch()


def await_printed(printed: Path, *lines: str) -> None:
    """Return when exactly these lines are printed; the last one shows that nothing else is to come."""
    await_condition(
        lambda: printed.read_text().splitlines()[-1:] == [lines[-1]], what=f"the line {lines[-1]}", timeout_s=20
    )
    assert printed.read_text().splitlines() == list(lines)


def end(process: "subprocess.Popen[bytes]") -> None:
    """As the kubelet does; it leaves of its own accord."""
    process.terminate()
    assert process.wait(timeout=20) == 0


def test_every_line_is_printed_once_as_it_is_written(log: Path, printed: Path, start: Start) -> None:
    """Those that were there before the start, and those that come later."""
    write(log, "1", "2")
    start()
    await_printed(printed, "1", "2")
    write(log, "3")
    await_printed(printed, "1", "2", "3")


def test_an_unfinished_line_waits_for_its_end(log: Path, printed: Path, start: Start) -> None:
    """A reader may come between two halves of what is written."""
    log.write_text('1\n{"verb":')
    start()
    await_printed(printed, "1")
    write(log, '"get"}')
    await_printed(printed, "1", '{"verb":"get"}')


def test_rotation_loses_nothing(log: Path, printed: Path, start: Start) -> None:
    """Also what is written just before the file is renamed, and into several files in a row."""
    write(log, "1")
    start()
    await_printed(printed, "1")
    for number in range(2, 30):
        write(log, str(number))
        rotate(log, f"{number:02}")
    write(log, "30")
    await_printed(printed, *map(str, range(1, 31)))


def test_a_restart_goes_on_where_it_ended(log: Path, printed: Path, start: Start) -> None:
    """No line twice, and none lost that was written in between, even when the log was rotated meanwhile."""
    write(log, "1", "2")
    first = start()
    await_printed(printed, "1", "2")
    end(first)
    write(log, "3")
    rotate(log, "01")
    write(log, "4")
    rotate(log, "02")
    write(log, "5")
    start()
    await_printed(printed, "1", "2", "3", "4", "5")


def test_where_the_file_it_read_is_gone_it_prints_the_log_there_is(log: Path, printed: Path, start: Start) -> None:
    """Rotated files are removed one day, and a new one may have the number of one that is gone."""
    write(log, "1", "2", "3")
    first = start()
    await_printed(printed, "1", "2", "3")
    end(first)
    os.truncate(log, 0)
    write(log, "4")
    start()
    await_printed(printed, "1", "2", "3", "4")


def test_it_starts_before_the_log_is_there(log: Path, printed: Path, start: Start) -> None:
    """And prints it once it is."""
    start()
    write(log, "1")
    await_printed(printed, "1")


def test_a_damaged_position_is_named(program: Path, log: Path, tmp_path: Path) -> None:
    """One sentence with the file and what to do."""
    write(log, "1")
    (tmp_path / "position").write_text("{")
    done = subprocess.run(
        [program, f"--log={log}", f"--state={tmp_path / 'position'}"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert "position is damaged: delete it" in done.stderr
