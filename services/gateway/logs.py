"""Operational logs on standard error. They can't hold request text: of an exception only the type is written."""

import logging
import sys
from types import TracebackType

_Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TypeOnlyFormatter(logging.Formatter):
    """Writes `exc_info` as the exception's type; a message or traceback may quote what it failed on."""

    def formatException(self, ei: _Caught) -> str:
        """The type's name."""
        return ei[0].__name__ if ei[0] else ""

    def formatStack(self, stack_info: str) -> str:
        """Nothing."""
        return ""


def configure() -> None:
    """Send every logger's records of INFO and above to standard error, and what nobody catches too, by type."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TypeOnlyFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.raiseExceptions = False  # else a failing handler prints the record and a traceback
    sys.excepthook = lambda kind, *_: logging.getLogger(__name__).critical("The gateway stopped: %s.", kind.__name__)
