"""Reads bodies, within their limits of size and time.

A route calls it when it wants the body. As a body parameter of FastAPI it would be read and parsed before anything
else (authentication) runs; as a dependency its time limit would become a query parameter.
"""

import asyncio
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from services.http import problems
from services.http.problems import Problem, ProblemError
from services.http.schemas import MAX_BODY_BYTES, ClassifyRequest

Body = TypeVar("Body", bound=ClassifyRequest)
TIMEOUT_S = 20.0
"""How long a body may take where the request as a whole has no deadline."""


async def classify_request(request: Request, *, timeout_s: float = TIMEOUT_S) -> ClassifyRequest:
    """`request_of` for the body of `POST /v1/classify`."""
    return await request_of(ClassifyRequest, request, timeout_s=timeout_s)


async def request_of(kind: type[Body], request: Request, *, timeout_s: float) -> Body:
    """The request in a body that arrives within `timeout_s`.

    Raises:
        ProblemError: 400, 408, 413, 415 or 422; none repeats anything of the body.
    """
    _check_media_type(request)
    return parse(kind, await read(request, timeout_s=timeout_s))


def parse(kind: type[Body], body: bytes) -> Body:
    """The request in `body`; ProblemError 400 when it is no JSON, 422 when a field is wrong."""
    try:
        return kind.model_validate(from_json(body, allow_inf_nan=False))
    except ValidationError as error:
        problem = _refusal(error)
    except ValueError:
        problem = problems.MALFORMED_JSON
    raise ProblemError(problem)  # outside the handlers: the error, which knows the text, is not chained


def _refusal(error: ValidationError) -> Problem:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "extra_forbidden":  # the name of an unknown field is the client's text: it is not repeated
        return problems.UNKNOWN_FIELD
    if not first["loc"]:
        return problems.NOT_ONE_FIELD
    return problems.field_at_fault(".".join(str(part) for part in first["loc"]))


def _check_media_type(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if media_type.strip() != "application/json" or charset not in ("", "utf-8"):
        raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE)


async def read(request: Request, *, timeout_s: float) -> bytes:
    """A body that is not encoded; ProblemError 400, 408, 413 or 415 where it is none or does not arrive in time."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE)
    problem = problems.BODY_TIMEOUT
    try:
        async with asyncio.timeout(timeout_s):
            return await _limited(request)
    except TimeoutError:
        pass
    except ClientDisconnect:
        problem = problems.INCOMPLETE_BODY
    raise ProblemError(problem)


async def _limited(request: Request) -> bytes:
    """The body, read no further than the limit, whatever Content-Length says or does not say."""
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise ProblemError(problems.BAD_LENGTH)
    if len(declared) > 12 or int(declared) > MAX_BODY_BYTES:
        raise ProblemError(problems.BODY_TOO_LARGE)
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise ProblemError(problems.BODY_TOO_LARGE)
    return bytes(body)
