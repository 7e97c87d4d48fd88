"""Problem details (RFC 9457) with fixed texts: nothing that a client sent is ever repeated to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from services.http.schemas import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """One kind of problem: `detail` is a sentence that says how to mend the request."""

    status: int
    detail: str

    def body(self, request_id: str) -> dict[str, str | int]:
        """The members of the problem details object; the status says all that there is to its type."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }


MALFORMED_JSON = Problem(400, "Send one JSON object, encoded in UTF-8.")
BAD_REQUEST = Problem(400, "Send a well-formed HTTP request.")
NOT_FOUND = Problem(404, "Send texts to POST /v1/classify.")
METHOD_NOT_ALLOWED = Problem(405, "Use a method that the Allow header names.")
BODY_TOO_LARGE = Problem(413, f"Send at most {MAX_BODY_BYTES // 1024} KiB in one request.")
UNSUPPORTED_MEDIA_TYPE = Problem(415, "Send the body as application/json, without a content encoding.")
INVALID_REQUEST = Problem(
    422,
    f"Send exactly one of text (a string) and texts (1 to {MAX_TEXTS} strings) and no other field; "
    f"each string has 1 to {MAX_CHARACTERS} characters and is not blank.",
)
INTERNAL_ERROR = Problem(500, "The request failed inside the service; report its request_id.")
NOT_READY = Problem(503, "The model is not ready; try again after Retry-After seconds.")

_BY_STATUS = {
    problem.status: problem
    for problem in (BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, NOT_READY)
}


class ProblemError(HTTPException):
    """Raise it anywhere in a request to answer with `problem` (and `headers`, such as WWW-Authenticate).

    A 503 always carries Retry-After.
    """

    def __init__(self, problem: Problem, *, headers: Mapping[str, str] | None = None) -> None:
        default = {"Retry-After": "5"} if problem.status == 503 else {}
        super().__init__(problem.status, detail=problem.detail, headers={**default, **(headers or {})})
        self.problem = problem


def request_id(request: Request) -> str:
    """The UUID that `RequestMiddleware` gave to this request."""
    return str(request.state.request_id)


def response(problem: Problem, *, request_id: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """`problem` as a response."""
    return JSONResponse(
        problem.body(request_id), status_code=problem.status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


async def _answer(request: Request, error: Exception) -> JSONResponse:
    headers = error.headers if isinstance(error, HTTPException) else None
    if isinstance(error, ProblemError):
        problem = error.problem
    elif isinstance(error, HTTPException):
        problem = _BY_STATUS.get(error.status_code, INTERNAL_ERROR)
    else:
        problem = INTERNAL_ERROR
    return response(problem, request_id=request_id(request), headers=headers)


def install(app: FastAPI) -> None:
    """Answer every HTTP error of `app`, the router's own 404 and 405 too, with problem details."""
    app.add_exception_handler(HTTPException, _answer)
