"""The gateway's own problems, beside those of `services.http.problems`; none can hold anything of a request."""

from services.http.problems import Problem, invalid_field, unavailable
from services.http.schemas import MAX_CHARACTERS, MAX_TEXTS

MISSING_TOKEN = Problem(401, "missing_token", "A bearer token is required.", {"WWW-Authenticate": "Bearer"})
UNKNOWN_CERTIFICATE = Problem(403, "certificate_unknown", "The client certificate is not that of a known caller.")
LANGUAGE_REFUSED = Problem(
    422, "language_refused", "A text is not in English, the only language that can be de-identified."
)
UNKNOWN_MODEL = Problem(404, "unknown_model", "There is no such model here.")
BAD_INFERENCE = invalid_field(
    "Send one input TEXT of type BYTES, as outputs none but LOGITS and MODEL_VERSION, and no parameters but those of binary"
    " tensors."
)
BAD_TENSOR = invalid_field(
    f"Give TEXT the shape [n] or [n, 1] and n texts, 1 to {MAX_TEXTS}, each with 1 to {MAX_CHARACTERS} characters and not blank."
)
BAD_BINARY = Problem(
    400,
    "bad_binary",
    "Send the binary tensor as its sizes say, behind as much JSON as Inference-Header-Content-Length says.",
)
DEIDENTIFICATION_FAILED = unavailable(
    "deidentification_failed", "The text could not be de-identified, so it was not forwarded."
)
MODEL_UNAVAILABLE = unavailable("model_unavailable", "The model did not answer.")
OVERLOADED = unavailable("overloaded", "The model is busy: it would not answer in time. Try again after Retry-After.")
RATE_LIMITED = Problem(429, "rate_limited", "The caller asks for too much in too short a time. Wait for Retry-After.")
TOO_MANY_CONCURRENT = Problem(
    429, "too_many_concurrent", "The caller has too many requests under way. Wait for one of them to be answered."
)
TOO_MANY_FAILURES = Problem(
    429, "too_many_failures", "Too many callers could not be authenticated. Try again later.", {"Retry-After": "5"}
)
TOO_MANY_TOKENS = Problem(413, "too_many_tokens", "Send less text in one request.")
AUDIT_FAILED = unavailable("audit_failed", "The request could not be recorded, so it was not answered.")


def invalid_token(reason: str) -> Problem:
    """`reason` goes to the audit trail only: the caller is not told which check failed."""
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, reason, "The bearer token is not valid.", challenge)


def invalid_certificate(reason: str) -> Problem:
    """`reason` goes to the audit trail only."""
    return Problem(401, reason, "The client certificate is not valid.", {"WWW-Authenticate": "Bearer"})


def missing_scope(scope: str) -> Problem:
    """The caller is known, but not for this."""
    challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
    return Problem(403, "missing_scope", f"The caller lacks the scope {scope}.", challenge)
