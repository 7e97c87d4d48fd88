"""What the ASGI scope of a request says about it."""

from starlette.types import Scope

UNMATCHED = "unmatched"


def request_id(scope: Scope) -> str:
    """The UUID that `RequestMiddleware` gave to this request."""
    return str(scope["state"]["request_id"])


def route(scope: Scope) -> str:
    """The template of the route that the router found, or `unmatched`: never a path that a client made up."""
    return str(getattr(scope.get("route"), "path", UNMATCHED))
