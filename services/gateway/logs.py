"""Operational logs: JSON lines on standard error. They can't hold request text.

Of an exception only the type is written, and of other libraries' records not the message: it may quote what it failed on,
as asyncio's does the exception that nobody caught.
"""

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from typing import Any

from services.http.scope import CURRENT

_SPEAKING = ("services", "__main__", "uvicorn")
"""Loggers whose messages are fixed texts with values of ours."""
_WITHHELD = "withheld"


class JsonFormatter(logging.Formatter):
    """One object a record: time, level, logger, message, and of the request that is served its id and its trace's."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        speaks = record.name.partition(".")[0] in _SPEAKING
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage() if speaks else _WITHHELD,
        }
        if not speaks:
            line["place"] = f"{record.module}:{record.lineno}"
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        scope = CURRENT.get()
        state = scope["state"] if scope else {}
        line |= {name: state[name] for name in ("request_id", "trace_id") if name in state}
        return json.dumps(line)


def configure() -> None:
    """Send every logger's records of INFO and above to standard error, and what nobody catches too, by type."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.raiseExceptions = False  # else a failing handler prints the record and a traceback
    logging.captureWarnings(True)
    # What nobody catches is printed with its message by all three.
    sys.excepthook = lambda kind, *_: _uncaught("The gateway stopped", kind)
    sys.unraisablehook = lambda caught: _uncaught("An object could not be removed", caught.exc_type)
    threading.excepthook = lambda caught: _uncaught("A thread stopped", caught.exc_type)


def _uncaught(what: str, kind: type[BaseException] | None) -> None:
    logging.getLogger(__name__).critical("%s: %s.", what, kind.__name__ if kind else "unknown")
