"""Starting one process of the node."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import LocalError
from local.node.component import Component

WAIT = "import signal; signal.pause()"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "log"
    component(tmp_path).process(tmp_path / "log").stop()


def component(tmp_path: Path, code: str = WAIT, *, ready: bool = True) -> Component:
    (tmp_path / "read").touch()
    return Component(
        name="part", command=(sys.executable, "-c", code), reads=(tmp_path / "read",), ready=lambda: ready, timeout_s=20
    )


def test_what_runs_as_it_should_is_left_alone(tmp_path: Path, log: Path) -> None:
    """A second start keeps the process."""
    part = component(tmp_path)
    assert part.start(log)
    pid = part.process(log).pid()
    assert not part.start(log)
    assert part.process(log).pid() == pid


def test_a_changed_file_restarts_the_process(tmp_path: Path, log: Path) -> None:
    """A component never runs on with a configuration that is gone."""
    part = component(tmp_path)
    part.start(log)
    pid = part.process(log).pid()
    (tmp_path / "read").write_text("changed")
    assert part.start(log)
    assert part.process(log).pid() not in (None, pid)


def test_a_process_that_ends_is_reported_with_its_last_words(tmp_path: Path, log: Path) -> None:
    """At once and not after the time for its start; the sentence names the log."""
    part = component(tmp_path, "print('no such flag')", ready=False)
    part.start(log)
    with pytest.raises(LocalError, match=r"part ended while it started\. Its log is .+part\.log.+\nno such flag"):
        part.await_ready(log)


def test_a_component_does_not_see_the_callers_environment(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that the user has set is not used for the cluster's own traffic."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    part = component(tmp_path, "import os; print('proxy:', os.environ.get('HTTPS_PROXY'))", ready=False)
    part.start(log)
    with pytest.raises(LocalError, match="proxy: None"):
        part.await_ready(log)
