"""What the operational logs say, and what they can't."""

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.gateway import logs
from services.gateway.deidentify import Deidentified, Span
from services.http.schemas import ClassifyRequest
from services.http.scope import CURRENT


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines that were logged as the process logs them; everything as it was afterwards."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for name in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_of_an_exception_only_the_type_is_logged(written: Any) -> None:
    """Neither its message nor its traceback, which may quote text, nor the stack."""
    try:
        raise ValueError("Mary Jones")
    except ValueError:
        logging.getLogger("services.gateway.test").exception("It failed.", stack_info=True)
    [line] = written()
    assert (line["message"], line["exception"], line["level"]) == ("It failed.", "ValueError", "ERROR")
    assert "Mary" not in json.dumps(line)


def test_other_libraries_messages_are_withheld(written: Any) -> None:
    """They may quote what they failed on; where they are from is said."""
    logging.getLogger("asyncio").error("exception was never retrieved: ValueError('Mary Jones')")
    [line] = written()
    assert (line["logger"], line["message"]) == ("asyncio", "withheld")
    assert line["place"].startswith("test_logs:")


def test_a_line_names_the_request_and_its_trace(written: Any) -> None:
    """So that a caller's request id finds the log lines."""
    token = CURRENT.set({"state": {"request_id": "r-1", "trace_id": "t-1", "record": "Mary"}})
    logging.getLogger("services.gateway.test").warning("Here.")
    CURRENT.reset(token)
    logging.getLogger("services.gateway.test").warning("There.")
    within, without = written()
    assert (within["request_id"], within["trace_id"]) == ("r-1", "t-1")
    assert set(without) == {"time", "level", "logger", "message"}


def test_what_nobody_catches_is_logged_by_type(written: Any) -> None:
    """In the main thread, in another and where an object is removed."""
    sys.excepthook(ValueError, ValueError("Mary Jones"), None)
    thread = threading.Thread(target=_fail)
    thread.start()
    thread.join()
    sys.unraisablehook(type("Caught", (), {"exc_type": KeyError})())
    assert [line["message"].rpartition(": ")[2] for line in written()] == ["ValueError.", "RuntimeError.", "KeyError."]


def _fail() -> None:
    raise RuntimeError("Mary Jones")


def test_what_holds_text_has_no_repr_of_it() -> None:
    """A stray repr in a log line or a debugger shows nothing."""
    held = [
        Deidentified("Mary Jones", (Span(0, 4, "PERSON"),)),
        ClassifyRequest(text="Mary Jones"),
        ClassifyRequest(texts=["Mary Jones"]),
    ]
    assert "Mary" not in f"{held!r} {held!s}"
