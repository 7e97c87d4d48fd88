import io
import logging

from services.gateway.deidentify import Deidentified, Span
from services.gateway.logs import TypeOnlyFormatter
from services.http.schemas import ClassifyRequest


def test_of_an_exception_only_the_type_is_logged() -> None:
    """Neither its message nor its traceback, which may quote text, nor the stack."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(TypeOnlyFormatter("%(message)s"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError("Mary Jones")
    except ValueError:
        logger.exception("It failed.", stack_info=True)
    assert stream.getvalue().split() == ["It", "failed.", "ValueError"]


def test_what_holds_text_has_no_repr_of_it() -> None:
    """A stray repr in a log line or a debugger shows nothing."""
    held = [
        Deidentified("Mary Jones", (Span(0, 4, "PERSON"),)),
        ClassifyRequest(text="Mary Jones"),
        ClassifyRequest(texts=["Mary Jones"]),
    ]
    assert "Mary" not in f"{held!r} {held!s}"
