"""RFC 9457 problems with fixed texts: none can hold anything of a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2


@dataclass(eq=False)
class Problem(Exception):
    """An answer that isn't a prediction. `outcome` is its name in the audit trail."""

    status: int
    outcome: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, request_id: str) -> JSONResponse:
        """The problem document for the request with this id."""
        document = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "request_id": request_id,
        }
        return JSONResponse(document, self.status, dict(self.headers), MEDIA_TYPE)


def malformed_json() -> Problem:
    return Problem(400, "malformed_json", "The body is not well-formed JSON in UTF-8.")


def incomplete_body() -> Problem:
    return Problem(400, "incomplete_body", "The connection ended before the body did.")


def missing_token() -> Problem:
    return Problem(401, "missing_token", "A bearer token is required.", {"WWW-Authenticate": "Bearer"})


def invalid_token(reason: str) -> Problem:
    """`reason` goes to the audit trail only: the caller isn't told which check failed."""
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, reason, "The bearer token is not valid.", challenge)


def missing_scope(scope: str) -> Problem:
    challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    return Problem(403, "missing_scope", f"The bearer token lacks the scope {scope}.", challenge)


def body_timeout() -> Problem:
    return Problem(408, "body_timeout", "The body did not arrive in time.", {"Connection": "close"})


def body_too_large(limit_bytes: int) -> Problem:
    detail = f"The body is larger than {limit_bytes} bytes."
    return Problem(413, "body_too_large", detail, {"Connection": "close"})


def unsupported_media_type() -> Problem:
    return Problem(415, "unsupported_media_type", "The body must be application/json in UTF-8, not compressed.")


def invalid_field(detail: str) -> Problem:
    """`detail` is a fixed text that may name a field of the API, never what the caller wrote."""
    return Problem(422, "invalid_field", detail)


def language_refused() -> Problem:
    return Problem(422, "language_refused", "A text is not in English, the only language that can be de-identified.")


def _unavailable(outcome: str, detail: str) -> Problem:
    return Problem(503, outcome, detail, {"Retry-After": str(RETRY_AFTER_S)})


def not_ready() -> Problem:
    return _unavailable("not_ready", "The gateway or the model behind it is not ready.")


def deidentification_failed() -> Problem:
    return _unavailable("deidentification_failed", "The text could not be de-identified, so it was not forwarded.")


def model_unavailable() -> Problem:
    return _unavailable("model_unavailable", "The model did not answer.")


def audit_failed() -> Problem:
    return _unavailable("audit_failed", "The request could not be recorded, so it was not answered.")


def internal_error() -> Problem:
    return Problem(500, "internal_error", "The gateway failed on this request.")


def from_http_exception(error: HTTPException) -> Problem:
    """The router's own refusals (404, 405); its texts are replaced by ours."""
    if error.status_code == 404:
        return Problem(404, "not_found", "There is no such resource.")
    if error.status_code == 405:
        return Problem(405, "method_not_allowed", "The resource has no such method.", dict(error.headers or {}))
    return Problem(error.status_code, "refused", "The request was refused.")


def request_id_of(request: Request) -> str:
    """The id that the request was given on arrival."""
    return str(request.state.record.request_id)
