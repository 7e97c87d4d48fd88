"""Routes that FastAPI describes and Starlette serves."""

from collections.abc import Mapping
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import request_response


class DirectRoute(APIRoute):
    """Its endpoint takes the request and returns the answer, with nothing of FastAPI's in between.

    It needs none of that: it reads the body itself, after authentication, and injecting and validating take as long as
    the rest of a request's way through the application.
    """

    def __init__(self, path: str, endpoint: Any, **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.app = request_response(endpoint)


def json_answer(answer: BaseModel, *, headers: Mapping[str, str] | None = None) -> Response:
    """200 with the answer as JSON."""
    content = answer.__pydantic_serializer__.to_json(answer)
    return Response(content, headers=headers, media_type="application/json")
