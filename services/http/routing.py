"""Routes that FastAPI describes and Starlette serves."""

from collections.abc import Mapping
from typing import Any

from fastapi.routing import APIRoute, APIRouter
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.http import problems


class DirectRoute(APIRoute):
    """Its endpoint takes the request and returns the answer, with nothing of FastAPI's in between.

    It needs none of that: it reads the body itself, after authentication, and injecting and validating take as long as
    the rest of a request's way through the application.
    """

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        super().__init__(path, endpoint, **options)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response: Response = await endpoint(Request(scope, receive))
            await response(scope, receive, send)

        self.app = answer


class Dispatch:
    """The innermost ASGI application: to the route by its path, or to the router; answers problems.

    Only a path without parameters, asked with a method that it has, leads straight to its route: whatever else, 404 and
    405 included, is the router's to decide.
    """

    def __init__(self, router: APIRouter) -> None:
        """The router with all its routes."""
        self._router = router
        self._routes = {
            (method, route.path): route
            for route in router.routes
            if isinstance(route, DirectRoute) and not route.param_convertors
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        route = self._routes.get((scope["method"], scope["path"]))
        try:
            if route:
                scope["route"], scope["path_params"] = route, {}
                await route.app(scope, receive, send)
            else:
                await self._router(scope, receive, send)
        except HTTPException as error:
            await problems.answer(error, scope)(scope, receive, send)


def json_answer(answer: BaseModel, *, headers: Mapping[str, str] | None = None) -> Response:
    """200 with the answer as JSON."""
    content = answer.__pydantic_serializer__.to_json(answer)
    return Response(content, headers=headers, media_type="application/json")
