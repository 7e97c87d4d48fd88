"""Says in the OpenAPI document what a route answers besides 200."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from services.http import problems
from services.http.problems import MEDIA_TYPE, Problem

BODY_PROBLEMS = (
    problems.MALFORMED_JSON,
    problems.BAD_LENGTH,
    problems.INCOMPLETE_BODY,
    problems.BODY_TIMEOUT,
    problems.BODY_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
)
"""What may become of any body."""
ANY_PROBLEMS = (problems.METHOD_NOT_ALLOWED, problems.INTERNAL_ERROR)
"""What may become of any request to a path that there is."""
_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_HEADERS = {
    "Retry-After": "Seconds after which to try again.",
    "RateLimit": "What is left of the caller's limits.",
    "RateLimit-Policy": "The caller's limits.",
    "WWW-Authenticate": "How to authenticate, RFC 6750.",
    "Connection": "The connection ends, because the body was not read.",
    "Allow": "The methods that there are.",
    "X-Request-Id": "The request's id, under which it is on record.",
}


def answers(given: Iterable[Problem], *, v2: bool = False) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that may answer with these problems, each with an example."""
    by_status: dict[int, list[Problem]] = {}
    for problem in given:
        by_status.setdefault(problem.status, []).append(problem)
    return {status: _answer(by_status[status], v2=v2) for status in sorted(by_status)}


def _answer(alike: list[Problem], *, v2: bool) -> dict[str, Any]:
    status = alike[0].status
    names = {"X-Request-Id", *(name for problem in alike for name in problem.headers)} | (
        {"Allow"} if status == 405 else set()
    )
    examples = {problem.name: {"value": problem.members(_REQUEST_ID, v2=v2)} for problem in alike}
    schema = {"$ref": f"#/components/schemas/{'V2Problem' if v2 else 'ProblemDetails'}"}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in sorted(names)},
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }
