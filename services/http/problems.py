"""Problem details (RFC 9457) with fixed texts: nothing that a client sent is ever repeated to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import Scope

from services.http.schemas import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS
from services.http.scope import request_id

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
# The rest of a body that is not read would be taken for the next request.
_CLOSE = {"Connection": "close"}


@dataclass(frozen=True)
class Problem:
    """One kind of problem. `name` is for records; `detail` is the sentence that the client gets."""

    status: int
    name: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def members(self, request_id: str, *, v2: bool = False) -> dict[str, str | int]:
        """The problem details object for the request with this id; the status says all that there is to its type.

        `v2`: with the member `error`, which is all that clients of the v2 inference protocol look at.
        """
        members: dict[str, str | int] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        return members | {"error": self.detail} if v2 else members


def invalid_field(detail: str) -> Problem:
    """`detail` may name a field of the API, never what the client wrote."""
    return Problem(422, "invalid_field", detail)


def unavailable(name: str, detail: str) -> Problem:
    """A problem that may pass: it says when to try again."""
    return Problem(503, name, detail, {"Retry-After": str(RETRY_AFTER_S)})


MALFORMED_JSON = Problem(400, "malformed_json", "Send the body as well-formed JSON, encoded in UTF-8.")
BAD_LENGTH = Problem(400, "bad_length", "Send the length of the body in decimal digits.", _CLOSE)
INCOMPLETE_BODY = Problem(400, "incomplete_body", "Send the whole body before closing the connection.", _CLOSE)
NOT_FOUND = Problem(404, "not_found", "There is nothing at this path: use one of the API's.")
METHOD_NOT_ALLOWED = Problem(405, "method_not_allowed", "Use a method that the Allow header names.")
BODY_TIMEOUT = Problem(408, "body_timeout", "Send the body faster: it did not arrive in time.", _CLOSE)
BODY_TOO_LARGE = Problem(413, "body_too_large", f"Send at most {MAX_BODY_BYTES // 1024} KiB in one request.", _CLOSE)
UNSUPPORTED_MEDIA_TYPE = Problem(
    415, "unsupported_media_type", "Send the body as application/json in UTF-8, without a content encoding."
)
UNKNOWN_FIELD = invalid_field("Send no field other than those that the route documents: texts go into text or texts.")
NOT_ONE_FIELD = invalid_field("Send a JSON object with exactly one of the fields text and texts.")
INTERNAL_ERROR = Problem(500, "internal_error", "The request failed inside the service; report its request_id.")
NOT_READY = unavailable("not_ready", "The service is not ready; try again after Retry-After seconds.")


def field_at_fault(path: str) -> Problem:
    """`path` is made of the API's own field names and of positions, such as texts.1."""
    limits = f"a text has 1 to {MAX_CHARACTERS} characters and is not blank, and there are at most {MAX_TEXTS}"
    if not path.startswith("text"):
        limits = "an id has 1 to 128 visible ASCII characters"
    return invalid_field(f"Correct the field {path} of the request: {limits}.")


class ProblemError(HTTPException):
    """Raise it anywhere in a request to answer with `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, detail=problem.detail)
        self.problem = problem


def _of(error: HTTPException) -> Problem:
    if isinstance(error, ProblemError):
        return error.problem
    return {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}.get(error.status_code, INTERNAL_ERROR)


def response(problem: Problem, scope: Scope, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to this request; leaves the problem's name in its state as `problem`, for what keeps records."""
    scope["state"]["problem"] = problem.name
    members = problem.members(request_id(scope), v2=scope["path"].startswith("/v2"))
    return JSONResponse(members, problem.status, {**problem.headers, **(headers or {})}, MEDIA_TYPE)


def answer(error: HTTPException, scope: Scope) -> JSONResponse:
    """The answer to a request that ended with an HTTP error, one of the router's own too: problem details."""
    return response(_of(error), scope, headers=error.headers)
