"""What the ASGI scope of a request says about it."""

from contextvars import ContextVar

from starlette.types import Scope

UNMATCHED = "unmatched"
CURRENT: ContextVar[Scope | None] = ContextVar("CURRENT", default=None)
"""The scope of the request that is served, for what logs."""


def request_id(scope: Scope) -> str:
    """The UUID that `RequestMiddleware` gave to this request."""
    return str(scope["state"]["request_id"])


def route(scope: Scope) -> str:
    """The template of the route that the router found, or `unmatched`: never a path that a client made up."""
    return str(getattr(scope.get("route"), "path", UNMATCHED))


def problem(scope: Scope) -> str | None:
    """Name of the problem that the request was answered with; None where it was not."""
    name = scope["state"].get("problem")
    return None if name is None else str(name)
