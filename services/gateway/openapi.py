"""What the OpenAPI document says beside the routes' own schemas: who may ask, and every problem that may be answered."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.gateway import problems
from services.gateway.auth import Scope
from services.gateway.problems import missing_scope
from services.http import problems as http
from services.http.openapi import ANY_PROBLEMS, BODY_PROBLEMS, answers
from services.http.problems import Problem
from services.http.schemas import ProblemDetails, V2Problem

CALLER_PROBLEMS = (
    *ANY_PROBLEMS,
    problems.MISSING_TOKEN,
    problems.invalid_token("invalid_token"),
    problems.invalid_certificate("invalid_certificate"),
    problems.UNKNOWN_CERTIFICATE,
    problems.RATE_LIMITED,
    problems.TOO_MANY_CONCURRENT,
    problems.TOO_MANY_FAILURES,
    problems.AUDIT_FAILED,
)
"""What may become of a request of anybody."""
TEXT_PROBLEMS = (
    *CALLER_PROBLEMS,
    *BODY_PROBLEMS,
    problems.TOO_MANY_TOKENS,
    http.UNKNOWN_FIELD,
    problems.LANGUAGE_REFUSED,
    problems.DEIDENTIFICATION_FAILED,
)
"""What may become of texts."""
TRITON_PROBLEMS = (problems.MODEL_UNAVAILABLE, problems.OVERLOADED)
"""What may become of texts that are forwarded."""
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of the configured issuer, RFC 9068, with the scope of the route.",
    },
    "certificate": {
        "type": "mutualTLS",
        "description": "For machines: a client certificate whose name is mapped to the scope of the route.",
    },
}
_DESCRIPTION = (
    "Takes identifiers (45 CFR 164.514(b)(2)) out of texts, asks the model about what is left, and records every request "
    "without its text before it is answered."
)


def describe(
    scope: Scope, *, given: Iterable[Problem], extra: Mapping[str, Any] | None = None, v2: bool = False
) -> dict[str, Any]:
    """Options of a route for callers with `scope` that may answer with these problems."""
    return {
        "responses": answers((*given, missing_scope(scope)), v2=v2),
        "openapi_extra": {"security": [{"bearer": [scope]}, {"certificate": [scope]}], **(extra or {})},
    }


def install(app: FastAPI) -> None:
    """Add security schemes and the schemas of problems to the document of `app`."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes)
            components = made.setdefault("components", {})
            components["securitySchemes"] = _SCHEMES
            components.setdefault("schemas", {}).update(
                {model.__name__: model.model_json_schema() for model in (ProblemDetails, V2Problem)}
            )
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way
