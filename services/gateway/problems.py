"""The gateway's own problems, beside those of `services.http.problems`; none can hold anything of a request."""

from services.http.problems import Problem, unavailable

MISSING_TOKEN = Problem(401, "missing_token", "A bearer token is required.", {"WWW-Authenticate": "Bearer"})
LANGUAGE_REFUSED = Problem(
    422, "language_refused", "A text is not in English, the only language that can be de-identified."
)
DEIDENTIFICATION_FAILED = unavailable(
    "deidentification_failed", "The text could not be de-identified, so it was not forwarded."
)
MODEL_UNAVAILABLE = unavailable("model_unavailable", "The model did not answer.")
AUDIT_FAILED = unavailable("audit_failed", "The request could not be recorded, so it was not answered.")


def invalid_token(reason: str) -> Problem:
    """`reason` goes to the audit trail only: the caller is not told which check failed."""
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, reason, "The bearer token is not valid.", challenge)


def missing_scope(scope: str) -> Problem:
    """The token is valid, but not for this."""
    challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    return Problem(403, "missing_scope", f"The bearer token lacks the scope {scope}.", challenge)
